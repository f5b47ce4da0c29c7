import { route, type Route } from '../../request.js'
import type { operations } from './contract.gen.js'
import * as handlers from './handlers.js'
import * as passthru from './passthru.js'

export const driverRoutes: readonly Route[] = [
  route<operations['drivers.list']>('drivers.list', handlers.list),
  route<operations['drivers.show']>('drivers.show', handlers.show),
  route<operations['drivers.properties']>('drivers.properties', handlers.properties),
  route<operations['drivers.raidProperties']>('drivers.raidProperties', handlers.raidProperties),
  route<operations['drivers.vendorMethods']>('drivers.vendorMethods', passthru.methods),
  route<operations['drivers.vendorCall']>('drivers.vendorCall', passthru.call),
]
