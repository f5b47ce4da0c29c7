/** What a node written by a client refers to: its chassis, its parent. */
import type { NodeRow } from '../../../db/rows.js'
import { Invalid, IronicError, ObjectNotFound } from '../../../errors.js'
import type { Queryable } from '../../../db/types.js'
import { pyStr } from '../../validation/python-repr.js'
import { checkNodePolicy, type NodeRequest } from './access.js'
import { chassisIdOf } from './queries.js'

/**
 * The internal id behind `chassis_uuid` in a body.
 * @returns null for none
 * @throws ObjectNotFound with 400: the request names it, its address does not
 */
export async function chassisIdFor(db: Queryable, uuid: unknown): Promise<number | null> {
  if (typeof uuid !== 'string' || uuid === '') return null
  try {
    return await chassisIdOf(db, uuid)
  } catch (e) {
    if (!(e instanceof ObjectNotFound)) throw e
    throw new Invalid(e.message, e)
  }
}

/**
 * The node to be linked to, for `parent_node`: one the caller may see, of the same owner. The text
 * does not tell which it was, so that nobody learns of nodes of others.
 * @param ident UUID or name
 * @throws Invalid 400
 */
export async function linkedNode(
  request: NodeRequest,
  owner: string | null,
  ident: unknown,
  field: string,
): Promise<NodeRow> {
  const refusal = new Invalid(
    `Unable to apply the requested ${field} '${pyStr(ident)}'. Requested value was invalid.`,
  )
  if (typeof ident !== 'string') throw refusal
  const node = await visible(request, ident)
  if (node === null || node.owner !== owner) throw refusal
  return node
}

async function visible(request: NodeRequest, ident: string): Promise<NodeRow | null> {
  try {
    return await checkNodePolicy({ ...request, jsonSuffix: false }, 'baremetal:node:get', ident)
  } catch (e) {
    if (e instanceof IronicError && e.status < 500) return null
    throw e
  }
}
