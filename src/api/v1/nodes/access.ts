/** Finding the node a request means, and whether the caller may see and use it. */
import type { NodeRow } from '../../../db/rows.js'
import { Invalid, ObjectNotFound } from '../../../errors.js'
import type { PolicyTarget } from '../../policy/types.js'
import type { ApiRequest } from '../../request.js'
import { isUuidLike } from '../../../identifiers.js'
import { isNameForm, namesExist } from './names.js'
import { findNode } from './queries.js'

/** The parts of a request that finding a node takes. */
export type NodeRequest = Pick<
  ApiRequest<unknown>,
  'ctx' | 'contract' | 'minor' | 'auth' | 'jsonSuffix'
>

type Owned = Pick<NodeRow, 'owner' | 'lessee'>

/** What policy rules look at of a node. */
export function nodeTarget(node: Owned): PolicyTarget {
  return { 'node.owner': node.owner, ...(node.lessee ? { 'node.lessee': node.lessee } : {}) }
}

/**
 * Finds a node and checks one rule on it (docs/reference/policy.json, `filtering`).
 * @param rule upstream's name, `baremetal:node:get`
 * @param ident UUID or name, as the client wrote it
 * @throws ObjectNotFound 404 also for a node the caller may not see; PolicyForbidden 403 for one
 *   that may be seen but not used so; Invalid 400 for what cannot be a name
 */
export async function checkNodePolicy(
  request: NodeRequest,
  rule: string,
  ident: string,
): Promise<NodeRow> {
  const row = await lookUp(request, ident, (i) => findNode(request.ctx.db.orm, i))
  authorizeNode(request, rule, row, ident)
  return row
}

/**
 * The same for a node at hand: to see it, then to use it.
 * @throws ObjectNotFound 404, PolicyForbidden 403
 */
export function authorizeNode(
  { auth }: Pick<NodeRequest, 'auth'>,
  rule: string,
  node: Owned,
  ident: string,
): void {
  const target = nodeTarget(node)
  if (!auth.can('baremetal:node:get', target)) throw new ObjectNotFound('Node', ident)
  auth.authorize(rule, target)
}

/**
 * Looks a node up by what a client calls it: names exist since 1.5, and a path that lost `.json`
 * is tried with it too (docs/reference/rest-api.md, 3.1).
 * @param find reads one node by UUID or name
 * @throws ObjectNotFound 404, Invalid 400
 */
export async function lookUp<T>(
  request: Pick<NodeRequest, 'contract' | 'minor' | 'jsonSuffix'>,
  ident: string,
  find: (ident: string) => Promise<T | null>,
): Promise<T> {
  checkForm(request, ident)
  const found = await find(ident)
  if (found !== null) return found
  const again = request.jsonSuffix ? await find(`${ident}.json`) : null
  if (again === null) throw new ObjectNotFound('Node', ident)
  return again
}

function checkForm({ contract, minor }: Pick<NodeRequest, 'contract' | 'minor'>, ident: string) {
  if (isUuidLike(ident)) return
  if (!namesExist(contract, minor)) throw new ObjectNotFound('Node', ident)
  if (!isNameForm(contract, minor, ident)) {
    throw new Invalid(`Expected a logical name or UUID but received ${ident}.`)
  }
}

/**
 * Whose nodes a list may show.
 * @param project the `?project=` filter
 * @returns the project to filter by, or undefined for all
 * @throws PolicyForbidden 403
 */
export function listScope(
  { auth }: Pick<NodeRequest, 'auth'>,
  project: string | undefined,
): string | undefined {
  if (auth.can('baremetal:node:list_all')) return project
  const own = auth.projectId
  if (own === null || (project !== undefined && project !== '' && project !== own)) {
    auth.authorize('baremetal:node:list_all')
  }
  auth.authorize('baremetal:node:list')
  return own ?? project
}
