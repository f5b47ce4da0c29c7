import { route, type Route } from '../../../request.js'
import type { operations } from './contract.gen.js'
import { set } from './handlers.js'

export const nodeProvisionRoutes: readonly Route[] = [
  route<operations['nodeProvision.set']>('nodeProvision.set', set),
]
