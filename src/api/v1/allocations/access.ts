/** Who may see, use and make allocations (policy.json, `filtering`). */
import { Forbidden, Invalid, NotFound, ObjectNotFound } from '../../../errors.js'
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

/**
 * The owner of a new allocation.
 * @param wanted what the client asks for; null or empty for nothing
 * @throws PolicyForbidden, Forbidden 403
 */
export function ownerOfNew(auth: AuthContext, wanted: string | null): string | null {
  if (!auth.can('baremetal:allocation:create')) {
    const foreign = auth.projectId !== null && wanted && wanted !== auth.projectId
    auth.authorize(foreign ? 'baremetal:allocation:create' : restricted)
    return auth.projectId
  }
  if (auth.systemScope === 'all') return wanted
  if (!wanted) return auth.projectId
  if (auth.can(restricted) || wanted === auth.projectId) return wanted
  throw new Forbidden(
    `Cannot create allocation with an owner Project ID value ${wanted} not matching the requester Project ID ${auth.projectId ?? 'None'}. Policy ${restricted} is required for this capability.`,
  )
}
