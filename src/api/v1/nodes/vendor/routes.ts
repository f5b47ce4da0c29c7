import { route, type Route } from '../../../request.js'
import type { operations } from './contract.gen.js'
import * as handlers from './handlers.js'

export const nodeVendorRoutes: readonly Route[] = [
  route<operations['nodeVendor.methods']>('nodeVendor.methods', handlers.methods),
  route<operations['nodeVendor.call']>('nodeVendor.call', handlers.call),
]
