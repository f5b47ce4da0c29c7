import { route, type Route } from '../../request.js'
import type { operations } from './contract.gen.js'
import * as handlers from './handlers.js'

export const deployTemplateRoutes: readonly Route[] = [
  route<operations['deployTemplates.list']>('deployTemplates.list', handlers.list),
  route<operations['deployTemplates.create']>('deployTemplates.create', handlers.create),
  route<operations['deployTemplates.show']>('deployTemplates.show', handlers.show),
  route<operations['deployTemplates.update']>('deployTemplates.update', handlers.update),
  route<operations['deployTemplates.delete']>('deployTemplates.delete', handlers.remove),
]
