import { randomUUID } from 'node:crypto'
import {
  destroyPortgroup,
  setPortgroupPhysicalNetwork,
  updatePortgroup,
} from '../../../conductor/operations/portgroups.js'
import type { JsonObject } from '../../../db/columns.js'
import type { PortgroupRow } from '../../../db/rows.js'
import { Invalid, NotFound } from '../../../errors.js'
import { convert } from '../../args/convert.js'
import { gateFields } from '../../fields.js'
import { parentAfterPatch, parentForCreate, refuseWhileInspecting } from '../../node-children.js'
import { applyPatch, checkPatchable, withoutRemoved, type Patch } from '../../patch.js'
import type { ApiRequest, Handler } from '../../request.js'
import { isLogicalName } from '../../validation/formats.js'
import { classicError } from '../../validation/json-schema.js'
import { pyStr } from '../../validation/python-repr.js'
import { definite } from '../ports/values.js'
import type { operations } from './contract.gen.js'
import { getAuthorized } from './handlers.js'
import * as queries from './queries.js'
import { portgroupSerializer } from './serialize.js'

type Create = operations['portgroups.create']
type Update = operations['portgroups.update']

/** A document that satisfies the schema `PortgroupCreate`, with its values read. */
interface PortgroupDocument {
  readonly address?: string | null
  readonly category?: string | null
  readonly extra?: JsonObject | null
  readonly mode?: string | null
  readonly name?: string | null
  readonly node_uuid: string
  readonly physical_network?: string | null
  readonly properties?: JsonObject | null
  readonly standalone_ports_supported?: boolean | null
  readonly uuid?: string | null
}

/** Reads the members the schema only sketches, in upstream's order. @throws Invalid 400 */
function readPortgroup(document: Readonly<Record<string, unknown>>): PortgroupDocument {
  const out = { ...document }
  const read = (name: string, kind: 'mac_address' | 'uuid' | 'boolean') => {
    if (Object.hasOwn(out, name)) out[name] = convert(kind, name, out[name]) ?? null
  }
  read('address', 'mac_address')
  read('node_uuid', 'uuid')
  read('standalone_ports_supported', 'boolean')
  read('uuid', 'uuid')
  return out as unknown as PortgroupDocument
}

export const create: Handler<Create> = async (request) => {
  const { ctx, auth, contract, minor } = request
  const group = readPortgroup(request.body)
  const node = await parentForCreate(
    ctx.db.orm,
    auth,
    'baremetal:portgroup:create',
    group.node_uuid,
    () => new NotFound(`Node ${group.node_uuid} could not be found.`, 400),
  )
  gateFields(contract, 'Portgroup', minor, writtenOf(group))
  if (group.name) checkName(group.name, 'Cannot create portgroup with invalid name')
  const row = await queries.insertPortgroup(ctx.db.orm, {
    ...columnsOf(group, node.id),
    mode: group.mode || ctx.config.DEFAULT.default_portgroup_mode,
    uuid: group.uuid ?? randomUUID(),
    createdAt: ctx.clock.now(),
  })
  const body = portgroupSerializer(request)({ ...row, nodeUuid: node.uuid })
  return { body, location: `/v1/portgroups/${row.uuid}` }
}

/** Of the fields that came later, those with something in them. */
function writtenOf({ mode, properties }: PortgroupDocument): string[] {
  const hasProperties = Object.keys(properties ?? {}).length > 0
  return [...(mode ? ['mode'] : []), ...(hasProperties ? ['properties'] : [])]
}

function checkName(name: unknown, refusal: string): void {
  if (!isLogicalName(name)) throw new Invalid(`${refusal} '${pyStr(name)}'`)
}

/** The columns a document sets. */
function columnsOf(group: PortgroupDocument, nodeId: number) {
  return {
    address: group.address ?? null,
    category: group.category ?? null,
    extra: group.extra ?? {},
    mode: group.mode ?? null,
    name: group.name ?? null,
    nodeId,
    physicalNetwork: group.physical_network ?? null,
    properties: group.properties ?? {},
    standalonePortsSupported: definite(
      'standalone_ports_supported',
      group.standalone_ports_supported,
    ),
  }
}

const patchable = [
  'address',
  'extra',
  'mode',
  'name',
  'node_uuid',
  'properties',
  'standalone_ports_supported',
  'physical_network',
  'category',
]

export const update: Handler<Update> = async (request) => {
  const { ctx, args, auth, caller, contract, minor } = request
  const patch = request.body as Patch
  const { group, node: present } = await getAuthorized(
    request,
    'baremetal:portgroup:update',
    args.portgroup_ident,
  )
  gateFields(contract, 'Portgroup', minor, ['mode', 'properties'].filter(firstTouches(patch)))
  checkPatchable(patch, patchable)
  checkNames(patch, args.portgroup_ident)
  const node = await parentAfterPatch(ctx.db.orm, auth, present, patch)
  const document = documentAfter(request, group, patch, node.uuid)
  refuseWhileInspecting(request, node, `portgroup "${group.uuid}" on node "${node.uuid}"`)
  const { physicalNetwork, ...changes } = changesOf(group, columnsOf(document, node.id))
  let row = await updatePortgroup(ctx, caller, group, changes)
  if (touchedBy(patch)('physical_network')) {
    const network = physicalNetwork === undefined ? row.physicalNetwork : physicalNetwork
    row = await setPortgroupPhysicalNetwork(ctx, caller, row, network)
  }
  return { body: portgroupSerializer(request)({ ...row, nodeUuid: node.uuid }) }
}

/**
 * The first item of a patch decides what a version may change, as upstream has it
 * (`api/controllers/v1/utils.py`, `is_path_updated`). Older clients send `mode` as a later item.
 */
const firstTouches = (patch: Patch) => touchedBy(patch.slice(0, 1))

const touchedBy = (patch: Patch) => (name: string) =>
  patch.some((p) => p.path === `/${name}` || p.path.startsWith(`/${name}/`))

function checkNames(patch: Patch, ident: string): void {
  for (const { path, op, value } of patch) {
    if (path !== '/name' || op === 'remove' || !value) continue
    checkName(value, `Portgroup ${ident}: Cannot change name to invalid name`)
  }
}

/** @throws Invalid 400 with the name `patch` in the text */
function documentAfter(
  { contract }: ApiRequest<Update>,
  group: queries.PortgroupView,
  patch: Patch,
  nodeUuid: string,
): PortgroupDocument {
  const before = documentOf(group)
  const after: Record<string, unknown> = {
    ...withoutRemoved(applyPatch(before, patch), patch),
    node_uuid: nodeUuid,
  }
  if (!Object.hasOwn(after, 'mode')) {
    throw new Invalid("'mode' is a mandatory attribute and can not be removed")
  }
  const fault = classicError(after, contract.schema('PortgroupCreate'))
  if (fault !== null) throw new Invalid(`Schema error for patch: ${fault}`)
  return { standalone_ports_supported: null, ...readPortgroup(after) }
}

const documentOf = (group: queries.PortgroupView): Record<string, unknown> => ({
  address: group.address,
  category: group.category,
  extra: group.extra ?? {},
  mode: group.mode,
  name: group.name,
  node_uuid: group.nodeUuid,
  physical_network: group.physicalNetwork,
  properties: group.properties ?? {},
  standalone_ports_supported: group.standalonePortsSupported,
})

type Columns = ReturnType<typeof columnsOf>

/** The columns of `after` that differ from the row. */
function changesOf(row: PortgroupRow, after: Columns): Partial<Columns> {
  const before = { ...row, extra: row.extra ?? {}, properties: row.properties ?? {} }
  const keys = Object.keys(after) as (keyof Columns)[]
  const changed = keys.filter((k) => JSON.stringify(before[k]) !== JSON.stringify(after[k]))
  return Object.fromEntries(changed.map((k) => [k, after[k]]))
}

export const remove: Handler<operations['portgroups.delete']> = async (request) => {
  const { ctx, args, caller } = request
  const rule = 'baremetal:portgroup:delete'
  const { group } = await getAuthorized(request, rule, args.portgroup_ident)
  await destroyPortgroup(ctx, caller, group)
  return {}
}
