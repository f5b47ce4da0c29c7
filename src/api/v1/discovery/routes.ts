import { route, type Route } from '../../request.js'
import type { operations } from './contract.gen.js'
import * as handlers from './handlers.js'

export const discoveryRoutes: readonly Route[] = [
  route<operations['discovery.root']>('discovery.root', handlers.root),
  route<operations['discovery.v1']>('discovery.v1', handlers.v1),
]
