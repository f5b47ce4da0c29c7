import { route, type Route } from '../../../request.js'
import type { operations } from './contract.gen.js'
import * as handlers from './handlers.js'
import { power } from './power.js'

export const nodeStatesRoutes: readonly Route[] = [
  route<operations['nodeStates.show']>('nodeStates.show', handlers.show),
  route<operations['nodeStates.power']>('nodeStates.power', power),
  route<operations['nodeStates.bootMode']>('nodeStates.bootMode', handlers.bootMode),
  route<operations['nodeStates.secureBoot']>('nodeStates.secureBoot', handlers.secureBoot),
  route<operations['nodeStates.raid']>('nodeStates.raid', handlers.raid),
  route<operations['nodeStates.showConsole']>('nodeStates.showConsole', handlers.showConsole),
  route<operations['nodeStates.console']>('nodeStates.console', handlers.console),
]
