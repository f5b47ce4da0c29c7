import { route, type Route } from '../../request.js'
import type { operations } from './contract.gen.js'
import * as handlers from './handlers.js'

export const shardRoutes: readonly Route[] = [
  route<operations['shards.list']>('shards.list', handlers.list),
  route<operations['shards.show']>('shards.show', handlers.show),
]
