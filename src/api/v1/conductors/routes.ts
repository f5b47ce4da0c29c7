import { route, type Route } from '../../request.js'
import type { operations } from './contract.gen.js'
import * as handlers from './handlers.js'

export const conductorRoutes: readonly Route[] = [
  route<operations['conductors.list']>('conductors.list', handlers.list),
  route<operations['conductors.show']>('conductors.show', handlers.show),
]
