import { route, type Route } from '../../../request.js'
import type { operations } from './contract.gen.js'
import * as handlers from './handlers.js'

export const nodeVifsRoutes: readonly Route[] = [
  route<operations['nodeVifs.list']>('nodeVifs.list', handlers.list),
  route<operations['nodeVifs.attach']>('nodeVifs.attach', handlers.attach),
  route<operations['nodeVifs.detach']>('nodeVifs.detach', handlers.detach),
]
