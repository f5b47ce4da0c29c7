import { route, type Route } from '../../../request.js'
import type { operations } from './contract.gen.js'
import * as handlers from './handlers.js'

export const nodeBiosRoutes: readonly Route[] = [
  route<operations['nodeBios.list']>('nodeBios.list', handlers.list),
  route<operations['nodeBios.show']>('nodeBios.show', handlers.show),
]
