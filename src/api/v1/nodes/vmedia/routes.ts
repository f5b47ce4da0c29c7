import { route, type Route } from '../../../request.js'
import type { operations } from './contract.gen.js'
import * as handlers from './handlers.js'

export const nodeVmediaRoutes: readonly Route[] = [
  route<operations['nodeVmedia.show']>('nodeVmedia.show', handlers.show),
  route<operations['nodeVmedia.attach']>('nodeVmedia.attach', handlers.attach),
  route<operations['nodeVmedia.detach']>('nodeVmedia.detach', handlers.detach),
]
