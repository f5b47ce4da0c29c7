/** `/v1/nodes/{node_ident}/allocation`. */
import { destroyAllocation } from '../../../conductor/allocations/allocate.js'
import { ringOf } from '../../../conductor/cluster/ring.js'
import type { AppContext } from '../../../context.js'
import { NotFound } from '../../../errors.js'
import { gateFields } from '../../fields.js'
import type { Handler } from '../../request.js'
import { checkNodePolicy } from '../nodes/access.js'
import { nodeOfList } from './access.js'
import type { operations } from './contract.gen.js'
import * as queries from './queries.js'
import { allocationSerializer } from './serialize.js'

export const showOfNode: Handler<operations['nodes.allocation.show']> = async (request) => {
  const { ctx, auth, args, contract, minor } = request
  const { fields, node_ident: ident } = args
  gateFields(contract, 'Allocation', minor, fields)
  const node = await nodeOfList(request, ident)
  const row = await allocationOf(ctx, node.id, ident)
  auth.authorize('baremetal:allocation:get', { 'allocation.owner': row.owner })
  return { body: allocationSerializer(request, { fields })(row) }
}

export const removeOfNode: Handler<operations['nodes.allocation.delete']> = async (request) => {
  const { ctx, auth, args, caller } = request
  const node = await checkNodePolicy(request, 'baremetal:node:get', args.node_ident)
  const row = await allocationOf(ctx, node.id, args.node_ident)
  auth.authorize('baremetal:allocation:delete', { 'allocation.owner': row.owner })
  await ringOf(ctx).requireAny()
  await destroyAllocation(ctx, caller, row)
  return {}
}

async function allocationOf(ctx: AppContext, nodeId: number, ident: string) {
  const row = await queries.allocationOfNode(ctx.db.orm, nodeId)
  if (row === null) throw new NotFound(`Allocation for node ${ident} was not found`)
  return row
}
