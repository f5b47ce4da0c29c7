import { route, type Route } from '../../request.js'
import type { operations } from './contract.gen.js'
import * as traits from './handlers-traits.js'
import { update } from './handlers-update.js'
import * as handlers from './handlers.js'

export const runbookRoutes: readonly Route[] = [
  route<operations['runbooks.list']>('runbooks.list', handlers.list),
  route<operations['runbooks.create']>('runbooks.create', handlers.create),
  route<operations['runbooks.show']>('runbooks.show', handlers.show),
  route<operations['runbooks.update']>('runbooks.update', update),
  route<operations['runbooks.delete']>('runbooks.delete', handlers.remove),
  route<operations['runbooks.listTraits']>('runbooks.listTraits', traits.listTraits),
  route<operations['runbooks.putTraits']>('runbooks.putTraits', traits.putTraits),
  route<operations['runbooks.deleteTraits']>('runbooks.deleteTraits', traits.deleteTraits),
]
