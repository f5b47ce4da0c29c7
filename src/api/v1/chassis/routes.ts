import { route, type Route } from '../../request.js'
import type { operations } from './contract.gen.js'
import * as handlers from './handlers.js'

export const chassisRoutes: readonly Route[] = [
  route('chassis.showDetail', handlers.listOnly),
  route<operations['chassis.list']>('chassis.list', handlers.list),
  route<operations['chassis.listDetail']>('chassis.listDetail', handlers.listDetail),
  route<operations['chassis.create']>('chassis.create', handlers.create),
  route<operations['chassis.show']>('chassis.show', handlers.show),
  route<operations['chassis.update']>('chassis.update', handlers.update),
  route<operations['chassis.delete']>('chassis.delete', handlers.remove),
]
