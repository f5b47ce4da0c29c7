import { updateNode, type NodeChanges } from '../../../conductor/crud/update-node.js'
import type { NodeRow } from '../../../db/rows.js'
import { Invalid, NotAcceptable } from '../../../errors.js'
import { applyPatch, type Patch } from '../../patch.js'
import type { ApiRequest, Handler } from '../../request.js'
import { classicError, type Schema } from '../../validation/json-schema.js'
import type { operations } from './contract.gen.js'
import { columnOf } from './fields.js'
import { shown } from './handlers.js'
import { isRemovable, readMembers, refuseNull } from './members.js'
import { checkNewName } from './names.js'
import { checkConsole, checkPatch, checkPatchableNow, valuesAt } from './patch-checks.js'
import { checkPatchPolicy } from './patch-policy.js'
import { chassisUuidOf } from './queries.js'
import { chassisIdFor, linkedNode } from './relations.js'

type Update = operations['nodes.update']
type Document = Record<string, unknown>

export const update: Handler<Update> = async (request) => {
  const { ctx, args, caller, contract, minor } = request
  const { node_ident: ident } = args
  const patch = request.body as Patch
  const resetInterfaces = args.reset_interfaces === true
  checkPatch(request, patch, resetInterfaces)
  const node = await checkPatchPolicy(request, ident, patch)
  const parent = await parentOf(request, node, patch)
  await checkPatchableNow(request, node, patch, ident)
  for (const name of valuesAt(patch, '/name')) {
    checkNewName(contract, minor, name, `Node ${ident}: Cannot change name to invalid name`)
  }
  const before = await documentOf(request, node)
  const after = patched(contract.schema('NodePatched'), before, patch)
  if (parent !== undefined) after['parent_node'] = parent
  const changes = await changesOf(request, node, before, after)
  if ('driver' in changes) checkConsole(node, ident)
  const reservation = await updateNode(ctx, caller, node, changes, { resetInterfaces })
  // As upstream answers: the node as it was stored, still reserved for the change.
  return { body: await shown(request, { ...node, ...changes }, {}, { reservation }) }
}

/** @returns the UUID of a parent that the patch names, undefined when it names none */
async function parentOf(request: ApiRequest<Update>, node: NodeRow, patch: Patch) {
  const [ident] = valuesAt(patch, '/parent_node')
  if (ident === undefined) return undefined
  return (await linkedNode(request, node.owner, ident, 'parent_node')).uuid
}

/** The node as a client patches it. */
async function documentOf({ ctx, contract }: ApiRequest<Update>, node: NodeRow): Promise<Document> {
  const out: Document = {}
  for (const [name, property] of Object.entries(propertiesOf(contract.schema('NodePatched')))) {
    const column = columnOf.get(name)
    const value = column === undefined ? undefined : node[column]
    out[name] = value ?? emptyOf(property)
  }
  out['chassis_uuid'] = await chassisUuidOf(ctx.db.orm, node.chassisId)
  return out
}

const propertiesOf = (schema: Schema) => schema['properties'] as Readonly<Record<string, Schema>>
const isDocument = (property: Schema) =>
  (Array.isArray(property['type']) && property['type'].includes('object')) || 'anyOf' in property
const emptyOf = (property: Schema) => (isDocument(property) ? {} : null)

/** @throws Invalid, PatchError 400 */
function patched(schema: Schema, before: Document, patch: Patch): Document {
  const after = applyPatch(before, patch)
  const fault = classicError(after, schema)
  if (fault !== null) throw new Invalid(`Schema error for patch: ${fault}`)
  return readMembers(schema, after)
}

/** The columns in which the patched node differs. @throws Invalid 400, NotAcceptable 406 */
async function changesOf(
  request: ApiRequest<Update>,
  node: NodeRow,
  before: Document,
  after: Document,
): Promise<NodeChanges> {
  const { ctx, contract, minor } = request
  const schema = contract.schema('NodePatched')
  refuseNull(after, ['console_enabled', 'maintenance', 'conductor_group'])
  after['protected'] ??= false
  after['conductor_group'] = String(after['conductor_group']).toLowerCase()
  const out: Document = {}
  for (const [name, property] of Object.entries(propertiesOf(schema))) {
    const column = columnOf.get(name)
    const value = after[name] ?? emptyOf(property)
    if (column !== undefined && !same(value, before[name])) out[column] = value
  }
  const chassisId = await chassisIdFor(ctx.db.orm, after['chassis_uuid'])
  if (chassisId === null && node.chassisId !== null) {
    if (!isRemovable(schema, 'chassis_uuid', minor)) throw new NotAcceptable()
  }
  if (chassisId !== node.chassisId) out['chassisId'] = chassisId
  return withDisplayName(node, out)
}

const same = (a: unknown, b: unknown): boolean =>
  a === b || (typeof a === 'object' && typeof b === 'object' && stable(a) === stable(b))

/** JSON text that does not depend on the order of members. */
const stable = (value: unknown): string =>
  JSON.stringify(value, (_key, v: unknown) =>
    typeof v === 'object' && v !== null && !Array.isArray(v)
      ? Object.fromEntries(Object.entries(v).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : v,
  )

/** Nova's name of the instance becomes the node's `instance_name` where that is not set. */
function withDisplayName(node: NodeRow, changes: NodeChanges): NodeChanges {
  const name = changes.instanceInfo?.['display_name']
  const has = 'instanceName' in changes ? changes.instanceName : node.instanceName
  if (has || typeof name !== 'string' || name === '') return changes
  return { ...changes, instanceName: name }
}
