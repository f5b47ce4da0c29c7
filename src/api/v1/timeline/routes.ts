import { route, type Route } from '../../request.js'
import type { operations } from './contract.gen.js'
import * as handlers from './handlers.js'

export const timelineRoutes: readonly Route[] = [
  route<operations['timeline.list']>('timeline.list', handlers.list),
]
