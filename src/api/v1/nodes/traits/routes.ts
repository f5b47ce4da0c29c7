import { route, type Route } from '../../../request.js'
import type { operations } from './contract.gen.js'
import * as handlers from './handlers.js'

export const nodeTraitsRoutes: readonly Route[] = [
  route<operations['nodeTraits.list']>('nodeTraits.list', handlers.list),
  route<operations['nodeTraits.replace']>('nodeTraits.replace', handlers.replace),
  route<operations['nodeTraits.clear']>('nodeTraits.clear', handlers.clear),
  route<operations['nodeTraits.add']>('nodeTraits.add', handlers.add),
  route<operations['nodeTraits.remove']>('nodeTraits.remove', handlers.remove),
]
