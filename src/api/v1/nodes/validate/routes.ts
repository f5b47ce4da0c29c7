import { route, type Route } from '../../../request.js'
import type { operations } from './contract.gen.js'
import * as handlers from './handlers.js'

export const nodeValidateRoutes: readonly Route[] = [
  route<operations['nodeValidate.query']>('nodeValidate.query', handlers.query),
  route<operations['nodeValidate.show']>('nodeValidate.show', handlers.show),
]
