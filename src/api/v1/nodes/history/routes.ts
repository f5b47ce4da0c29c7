import { route, type Route } from '../../../request.js'
import type { operations } from './contract.gen.js'
import * as handlers from './handlers.js'

export const nodeHistoryRoutes: readonly Route[] = [
  route<operations['nodeHistory.list']>('nodeHistory.list', handlers.list),
  route<operations['nodeHistory.show']>('nodeHistory.show', handlers.show),
]
