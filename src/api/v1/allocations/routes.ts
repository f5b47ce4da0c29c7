import { route, type Route } from '../../request.js'
import type { operations } from './contract.gen.js'
import { removeOfNode, showOfNode } from './handlers-node.js'
import * as handlers from './handlers.js'

export const allocationRoutes: readonly Route[] = [
  route<operations['allocations.list']>('allocations.list', handlers.list),
  route<operations['allocations.create']>('allocations.create', handlers.create),
  route<operations['allocations.show']>('allocations.show', handlers.show),
  route<operations['allocations.update']>('allocations.update', handlers.update),
  route<operations['allocations.delete']>('allocations.delete', handlers.remove),
  route<operations['nodes.allocation.show']>('nodes.allocation.show', showOfNode),
  route<operations['nodes.allocation.delete']>('nodes.allocation.delete', removeOfNode),
]
