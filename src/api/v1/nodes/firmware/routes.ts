import { route, type Route } from '../../../request.js'
import type { operations } from './contract.gen.js'
import * as handlers from './handlers.js'

export const nodeFirmwareRoutes: readonly Route[] = [
  route<operations['nodeFirmware.list']>('nodeFirmware.list', handlers.list),
]
