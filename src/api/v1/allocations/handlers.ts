import { randomUUID } from 'node:crypto'
import { createAllocation, destroyAllocation } from '../../../conductor/allocations/allocate.js'
import { ringOf, routeNode } from '../../../conductor/cluster/ring.js'
import { Forbidden, Invalid } from '../../../errors.js'
import { gateFields } from '../../fields.js'
import { nextLink, readPage } from '../../paging.js'
import { checkPatchable, applyPatch, type Patch } from '../../patch.js'
import { listOwner } from '../../policy/list-owner.js'
import type { AuthContext } from '../../policy/types.js'
import type { Handler } from '../../request.js'
import { isLogicalName } from '../../validation/formats.js'
import { classicError } from '../../validation/json-schema.js'
import { pyStr } from '../../validation/python-repr.js'
import { checkedAllocation, namedNode, nodeOfList, ownerOfNew } from './access.js'
import type { operations } from './contract.gen.js'
import * as queries from './queries.js'
import { allocationSerializer } from './serialize.js'

const refusedSortKeys = ['extra', 'candidate_nodes', 'traits']

export const list: Handler<operations['allocations.list']> = async (request) => {
  const { ctx, auth, args } = request
  const owner = ownerFilter(auth, args.owner)
  const fields = args.fields as string[] | undefined
  const p = readPage(args, ctx.config.api.max_limit, refusedSortKeys)
  const node = args.node === undefined ? undefined : await nodeOfList(request, args.node)
  const filters = { nodeId: node?.id, resourceClass: args.resource_class, state: args.state, owner }
  const rows = await queries.listAllocations(ctx.db.orm, p, args.marker, filters)
  for (const row of rows) {
    auth.authorize('baremetal:allocation:get', { 'allocation.owner': row.owner })
  }
  const next = nextLink(request, p, { fields }, rows.length, rows.at(-1)?.uuid)
  return { body: { allocations: rows.map(allocationSerializer(request, { fields })), ...next } }
}

/** @throws Forbidden 403 when somebody asks for what is another's */
function ownerFilter(auth: AuthContext, wanted: string | undefined): string | undefined {
  const owner = listOwner(auth, 'allocation', wanted)
  if (wanted !== undefined && owner !== wanted) throw new Forbidden('Not authorized.')
  return owner
}

export const show: Handler<operations['allocations.show']> = async (request) => {
  const { args } = request
  const row = await checkedAllocation(request, args.allocation_ident, 'baremetal:allocation:get')
  return { body: allocationSerializer(request, { fields: args.fields as string[] })(row) }
}

export const create: Handler<operations['allocations.create']> = async (request) => {
  const { ctx, auth, body, contract, minor, caller } = request
  const { enforce_new_defaults: newDefaults } = ctx.config.oslo_policy
  const wanted = ownerOfNew(auth, body.owner ?? null, newDefaults)
  gateFields(contract, 'Allocation', minor, Object.keys(body))
  checkName('create', body.name)
  const node = body.node ? await namedNode(request, body.node) : null
  const resourceClass = body.resource_class || (node?.resourceClass ?? null)
  if (!resourceClass && node === null) {
    throw new Invalid('The resource_class field is mandatory when not backfilling')
  }
  const project = auth.can('baremetal:allocation:create_restricted') ? null : auth.projectId
  const candidates = body.candidate_nodes ?? []
  const values = {
    uuid: body.uuid || (node?.instanceUuid ?? randomUUID()),
    name: body.name ?? null,
    owner: wanted,
    resourceClass,
    traits: (body.traits ?? []) as string[],
    candidateNodes: await queries.candidateUuids(ctx.db.orm, candidates, project),
    extra: body.extra ?? {},
  }
  await (node === null ? ringOf(ctx).requireAny() : routeNode(ctx, node))
  const row = await createAllocation(ctx, caller, values, node?.id ?? null)
  const nodeUuid = row.nodeId === null ? null : (node?.uuid ?? null)
  return {
    body: allocationSerializer(request)({ ...row, nodeUuid }),
    // Upstream takes any text for a UUID here; not every text may stand in a header.
    location: `/v1/allocations/${encodeURIComponent(row.uuid)}`,
  }
}

function checkName(action: string, name: unknown): void {
  if (!name || isLogicalName(name)) return
  throw new Invalid(`Cannot ${action} allocation with invalid name '${pyStr(name)}'`)
}

export const update: Handler<operations['allocations.update']> = async (request) => {
  const { ctx, args, contract } = request
  const patch = request.body as Patch
  const row = await checkedAllocation(request, args.allocation_ident, 'baremetal:allocation:update')
  checkPatchable(patch, ['name', 'extra'])
  for (const p of patch) {
    if (p.path === '/name' && p.op !== 'remove') checkName('update', p.value)
  }
  const before = { name: row.name, extra: row.extra ?? {} }
  const after = applyPatch(before, patch)
  const fault = classicError(after, contract.schema('AllocationPatched'))
  if (fault !== null) throw new Invalid(`Schema error for patch: ${fault}`)
  const name = after['name'] as string | null
  const extra = (after['extra'] ?? {}) as Record<string, unknown>
  const changed = {
    ...(name === before.name ? {} : { name }),
    ...(JSON.stringify(extra) === JSON.stringify(before.extra) ? {} : { extra }),
  }
  const updated = await queries.updateAllocation(ctx.db.orm, row, changed, ctx.clock.now())
  return { body: allocationSerializer(request)(updated) }
}

export const remove: Handler<operations['allocations.delete']> = async (request) => {
  const { ctx, args, caller } = request
  const row = await checkedAllocation(request, args.allocation_ident, 'baremetal:allocation:delete')
  await ringOf(ctx).requireAny()
  await destroyAllocation(ctx, caller, row)
  return {}
}
