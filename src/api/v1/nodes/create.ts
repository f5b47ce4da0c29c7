import { randomUUID } from 'node:crypto'
import { createNode } from '../../../conductor/crud/create-node.js'
import type { NodeInsert } from '../../../db/rows.js'
import { Invalid, NotAcceptable } from '../../../errors.js'
import { covers, versionRange } from '../../contract/versions.js'
import type { ApiRequest, Handler } from '../../request.js'
import type { Schema } from '../../validation/json-schema.js'
import type { operations } from './contract.gen.js'
import { columnOf } from './fields.js'
import { shown } from './handlers.js'
import { membersToCome, readMembers, refuseBootModes, refuseNull } from './members.js'
import { checkNewName } from './names.js'
import { chassisIdFor, linkedNode } from './relations.js'

type Create = operations['nodes.create']
type Document = Record<string, unknown>

/** Members that stand for something else than the column of their name. */
const derived = new Set(['chassis_uuid', 'parent_node', 'uuid', 'owner'])

export const create: Handler<Create> = async (request) => {
  const { ctx, contract, minor } = request
  const schema = contract.schema('NodeCreate')
  const wanted = readMembers(schema, request.body)
  refuseBootModes(ctx.config, [
    (wanted['properties'] as Document | null | undefined)?.['capabilities'],
  ])
  const owned = authorizeCreate(request)
  refuseNewer(schema, minor, wanted)
  const name = wanted['name'] ?? null
  if (name !== null) checkNewName(contract, minor, name, 'Cannot create node with invalid name')
  const owner = owned ? ownerFor(request, wanted['owner']) : textOf(wanted['owner'])
  const values = await rowOf(request, wanted, owner)
  refuseNull(wanted, ['console_enabled', 'maintenance'])
  const row = await createNode(ctx, values)
  return { body: await shown(request, row), location: `/v1/nodes/${row.uuid}` }
}

/** @returns whether the caller creates it as the administrator of a project */
function authorizeCreate({ ctx, auth }: ApiRequest<Create>): boolean {
  const mayOwn = ctx.config.api.project_admin_can_manage_own_nodes
  const owned = mayOwn && auth.can('baremetal:node:create:self_owned_node')
  if (!owned) auth.authorize('baremetal:node:create')
  return owned && auth.systemScope !== 'all'
}

/** A project's administrator creates nodes of that project only. @throws Invalid 400 */
function ownerFor({ auth }: ApiRequest<Create>, asked: unknown): string | null {
  if (asked && asked !== auth.projectId) {
    throw new Invalid(
      'Cannot create a node as a project scoped admin with an owner other than your own project.',
    )
  }
  return auth.projectId
}

function refuseNewer(schema: Schema, minor: number, wanted: Document): void {
  for (const [name, none] of membersToCome(schema, minor)) {
    const given = wanted[name] === undefined ? none : wanted[name]
    const untouched = given === none || (name === 'name' && given === null)
    if (!untouched) throw new NotAcceptable()
  }
}

async function rowOf(request: ApiRequest<Create>, wanted: Document, owner: string | null) {
  const { ctx, contract, minor } = request
  const row: Document = {}
  for (const [name, value] of Object.entries(wanted)) {
    const column = columnOf.get(name)
    if (column !== undefined && !derived.has(name) && value !== null) row[column] = value
  }
  const group = textOf(wanted['conductor_group']) ?? ctx.config.DEFAULT.default_conductor_group
  const chassisId = await chassisIdFor(ctx.db.orm, wanted['chassis_uuid'])
  const parent = wanted['parent_node']
    ? await linkedNode(request, owner, wanted['parent_node'], 'parent_node')
    : null
  return {
    ...row,
    uuid: textOf(wanted['uuid']) ?? randomUUID(),
    driver: String(wanted['driver']),
    conductorGroup: group.toLowerCase(),
    resourceClass: textOf(wanted['resource_class']) ?? ctx.config.DEFAULT.default_resource_class,
    owner,
    chassisId,
    parentNode: parent?.uuid ?? null,
    provisionState: initialState(contract.schema('NodeInitialState'), minor),
    createdAt: ctx.clock.now(),
  } satisfies NodeInsert
}

const textOf = (value: unknown): string | null =>
  typeof value === 'string' && value !== '' ? value : null

function initialState(schema: Schema, minor: number): string {
  const states = schema['oneOf'] as readonly Schema[]
  return String(states.find((s) => covers(versionRange(s), minor))?.['const'])
}
