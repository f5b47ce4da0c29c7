/** Who may see, use and make allocations (docs/reference/policy.json, `filtering`). */
import { Forbidden, Invalid, NotFound, ObjectNotFound, PolicyForbidden } from '../../../errors.js'
import type { NodeRow } from '../../../db/rows.js'
import type { AuthContext } from '../../policy/types.js'
import type { ApiRequest } from '../../request.js'
import { checkNodePolicy, lookUp, nodeTarget, type NodeRequest } from '../nodes/access.js'
import { findNode } from '../nodes/queries.js'
import * as queries from './queries.js'

/**
 * Finds an allocation the caller may see and checks a rule on it.
 * @throws ObjectNotFound 404, PolicyForbidden 403, Invalid 400
 */
export async function checkedAllocation(
  { ctx, auth, jsonSuffix }: Pick<ApiRequest<unknown>, 'ctx' | 'auth' | 'jsonSuffix'>,
  ident: string,
  rule: string,
): Promise<queries.Allocation> {
  const found = await queries.findAllocation(ctx.db.orm, ident)
  const row =
    found ?? (jsonSuffix ? await queries.findAllocation(ctx.db.orm, `${ident}.json`) : null)
  const target = { 'allocation.owner': row?.owner ?? null }
  if (row === null || !auth.can('baremetal:allocation:get', target)) {
    throw new ObjectNotFound('Allocation', ident)
  }
  auth.authorize(rule, target)
  return row
}

/** A node a request names beside its object. @throws Invalid 400 when it is not there to see */
export async function namedNode(request: NodeRequest, ident: string): Promise<NodeRow> {
  try {
    return await checkNodePolicy(request, 'baremetal:node:get', ident)
  } catch (e) {
    if (e instanceof ObjectNotFound) throw new Invalid(e.message, e)
    throw e
  }
}

/**
 * The node whose allocations are asked for.
 * @throws Invalid 400 when there is none, NotFound 404 that names nothing when it is another's
 */
export async function nodeOfList(request: NodeRequest, ident: string): Promise<NodeRow> {
  const row = await lookUp(request, ident, (i) => findNode(request.ctx.db.orm, i)).catch(
    (e: unknown) => {
      throw e instanceof ObjectNotFound ? new Invalid(e.message, e) : e
    },
  )
  if (!request.auth.can('baremetal:node:get', nodeTarget(row))) throw new NotFound()
  return row
}

const restricted = 'baremetal:allocation:create_restricted'
const beforeRoles = 'baremetal:allocation:create_pre_rbac'

/**
 * The owner of a new allocation.
 * @param wanted what the client asks for; null or empty for nothing
 * @param newDefaults `[oslo_policy] enforce_new_defaults`
 * @throws PolicyForbidden, Forbidden 403, InvalidScope 500
 */
export function ownerOfNew(
  auth: AuthContext,
  wanted: string | null,
  newDefaults: boolean,
): string | null {
  const legacyNeeds = newDefaults || wanted ? [] : [beforeRoles]
  const missing = ['baremetal:allocation:create', ...legacyNeeds].find((rule) => !holds(auth, rule))
  if (missing !== undefined) return ownerOfRestricted(auth, wanted, missing, newDefaults)
  if (auth.systemScope === 'all' || !newDefaults) return wanted
  if (!wanted) return auth.projectId
  if (auth.can(restricted) || wanted === auth.projectId) return wanted
  throw new Forbidden(
    `Cannot create allocation with an owner Project ID value ${wanted} not matching the requester Project ID ${auth.projectId ?? 'None'}. Policy ${restricted} is required for this capability.`,
  )
}

/** Who may not make allocations for everybody may perhaps make them for their own project. */
function ownerOfRestricted(
  auth: AuthContext,
  wanted: string | null,
  missing: string,
  newDefaults: boolean,
): string | null {
  const foreign = auth.projectId !== null && wanted && wanted !== auth.projectId
  if (foreign) auth.authorize(missing)
  if (wanted && !newDefaults) auth.authorize(beforeRoles)
  auth.authorize(restricted)
  return auth.projectId
}

/** @throws InvalidScope 500: only a denial can be made good by another rule */
function holds(auth: AuthContext, rule: string): boolean {
  try {
    auth.authorize(rule)
    return true
  } catch (e) {
    if (e instanceof PolicyForbidden) return false
    throw e
  }
}
