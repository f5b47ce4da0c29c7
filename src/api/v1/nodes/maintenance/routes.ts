import { route, type Route } from '../../../request.js'
import type { operations } from './contract.gen.js'
import * as handlers from './handlers.js'

export const nodeMaintenanceRoutes: readonly Route[] = [
  route<operations['nodeMaintenance.set']>('nodeMaintenance.set', handlers.set),
  route<operations['nodeMaintenance.clear']>('nodeMaintenance.clear', handlers.clear),
]
