import { route, type Route } from '../../request.js'
import type { operations } from './contract.gen.js'
import * as handlers from './handlers.js'

export const eventRoutes: readonly Route[] = [
  route<operations['events.create']>('events.create', handlers.create),
]
