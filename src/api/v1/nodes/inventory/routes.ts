import { route, type Route } from '../../../request.js'
import type { operations } from './contract.gen.js'
import { show } from './handlers.js'

export const nodeInventoryRoutes: readonly Route[] = [
  route<operations['nodeInventory.show']>('nodeInventory.show', show),
]
