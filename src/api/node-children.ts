/**
 * Objects that belong to a node (ports, port groups, volumes): who may see, list, create and
 * move them follows from the node (upstream `check_port_policy_and_retrieve` and its kin).
 */
import type { NodeRow } from '../db/rows.js'
import { nodes } from '../db/schema/index.js'
import type { Queryable } from '../db/types.js'
import { Conflict, Invalid, ObjectNotFound, type IronicError } from '../errors.js'
import { covers, versionRange } from './contract/versions.js'
import type { Patch } from './patch.js'
import type { AuthContext } from './policy/types.js'
import type { ApiRequest } from './request.js'
import { nodeTarget } from './v1/nodes/access.js'
import { findNode } from './v1/nodes/queries.js'
import type { Schema } from './validation/json-schema.js'
import { pyStr } from './validation/python-repr.js'

export type ParentNode = Pick<NodeRow, 'id' | 'uuid' | 'owner' | 'lessee' | 'provisionState'>

/** The columns of {@link ParentNode}, for joins. */
export const parentColumns = {
  id: nodes.id,
  uuid: nodes.uuid,
  owner: nodes.owner,
  lessee: nodes.lessee,
  provisionState: nodes.provisionState,
}

const nobody = { owner: null, lessee: null }

/**
 * Whoever may not see the node may not know of its children.
 * @throws IronicError `absent`; PolicyForbidden 403
 */
export function authorizeChild(
  auth: AuthContext,
  rule: string,
  node: ParentNode,
  absent: () => IronicError,
): void {
  const target = nodeTarget(node)
  if (!auth.can('baremetal:node:get', target)) throw absent()
  auth.authorize(rule, target)
}

/**
 * The node for which a child is to be created. The policy speaks before it is told that the
 * node does not exist.
 * @throws PolicyForbidden 403; IronicError `absent`
 */
export async function parentForCreate(
  db: Queryable,
  auth: AuthContext,
  rule: string,
  ident: string,
  absent: () => IronicError,
): Promise<ParentNode> {
  const node = await findNode(db, ident)
  const visible = node !== null && auth.can('baremetal:node:get', nodeTarget(node))
  auth.authorize(rule, nodeTarget(visible ? node : nobody))
  if (!visible) throw absent()
  return node
}

/**
 * The project whose nodes' children a list is limited to; null for all.
 * @param rules prefix of the pair, e.g. `baremetal:port`
 * @throws PolicyForbidden 403
 */
export function listScope(auth: AuthContext, rules: string): string | null {
  if (auth.can(`${rules}:list_all`)) return null
  if (auth.projectId === null) auth.authorize(`${rules}:list_all`)
  auth.authorize(`${rules}:list`)
  return auth.projectId
}

/**
 * The node a patch moves a child to, or the present one.
 * @throws Invalid 400, the same whether the node does not exist or is another owner's
 */
export async function parentAfterPatch(
  db: Queryable,
  auth: AuthContext,
  present: ParentNode,
  patch: Patch,
): Promise<ParentNode> {
  const change = patch.find((p) => p.path === '/node_uuid' && p.op !== 'remove')
  if (change === undefined) return present
  const ident = change.value
  const refuse = () =>
    new Invalid(
      `Unable to apply the requested node_uuid '${pyStr(ident)}'. Requested value was invalid.`,
    )
  if (typeof ident !== 'string') throw refuse()
  const node = await findNode(db, ident)
  if (node === null) throw refuse()
  const visible = auth.can('baremetal:node:get', nodeTarget(node))
  if (!visible || node.owner !== present.owner) throw refuse()
  return node
}

/**
 * The node whose children a path lists. Only its UUID will do there.
 * @throws IronicError `absent`; ObjectNotFound 404 for a node the caller may not see
 */
export async function parentOfList(
  { ctx, auth }: Pick<ApiRequest<unknown>, 'ctx' | 'auth'>,
  uuid: string,
  absent: () => IronicError,
): Promise<ParentNode> {
  const node = await findNode(ctx.db.orm, uuid)
  if (node === null || node.uuid !== uuid) throw absent()
  if (!auth.can('baremetal:node:get', nodeTarget(node))) throw new ObjectNotFound('Node', uuid)
  return node
}

/**
 * An inspection owns the node's ports. Versions that do not tell `inspecting` from `inspect wait`
 * may write all the same, as they always could.
 * @param what how the text names the child
 * @throws Conflict 409
 */
export function refuseWhileInspecting(
  { contract, minor }: Pick<ApiRequest<unknown>, 'contract' | 'minor'>,
  node: ParentNode,
  what: string,
): void {
  if (node.provisionState !== 'inspecting') return
  const state = contract.fields('Node').find((f) => f.name === 'provision_state')
  const { renamed = [] } = (state?.schema['x-ferric'] ?? {}) as { renamed?: readonly Schema[] }
  const inOne = renamed.find((r) => r['state'] === 'inspect wait')
  if (inOne !== undefined && covers(versionRange(inOne), minor)) return
  throw new Conflict(`Cannot update ${what} while it is in state "inspecting".`)
}
