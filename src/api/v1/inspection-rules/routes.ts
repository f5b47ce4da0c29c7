import { route, type Route } from '../../request.js'
import type { operations } from './contract.gen.js'
import * as handlers from './handlers.js'

export const inspectionRuleRoutes: readonly Route[] = [
  route<operations['inspectionRules.list']>('inspectionRules.list', handlers.list),
  route<operations['inspectionRules.create']>('inspectionRules.create', handlers.create),
  route<operations['inspectionRules.show']>('inspectionRules.show', handlers.show),
  route<operations['inspectionRules.update']>('inspectionRules.update', handlers.update),
  route<operations['inspectionRules.delete']>('inspectionRules.delete', handlers.remove),
]
