import { route, type Route } from '../../../request.js'
import type { operations } from './contract.gen.js'
import { list } from './handlers.js'

export const nodeChildrenRoutes: readonly Route[] = [
  route<operations['nodeChildren.list']>('nodeChildren.list', list),
]
