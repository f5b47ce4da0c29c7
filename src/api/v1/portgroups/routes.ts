import { route, type Route } from '../../request.js'
import type { operations } from './contract.gen.js'
import * as handlers from './handlers.js'
import * as write from './handlers-write.js'

export const portgroupRoutes: readonly Route[] = [
  route('portgroups.showDetail', handlers.listOnly),
  route<operations['portgroups.list']>('portgroups.list', handlers.list),
  route<operations['portgroups.listDetail']>('portgroups.listDetail', handlers.listDetail),
  route<operations['portgroups.create']>('portgroups.create', write.create),
  route<operations['portgroups.show']>('portgroups.show', handlers.show),
  route<operations['portgroups.update']>('portgroups.update', write.update),
  route<operations['portgroups.delete']>('portgroups.delete', write.remove),
  route<operations['portgroups.listOfNode']>('portgroups.listOfNode', handlers.listOfNode),
  route<operations['portgroups.listDetailOfNode']>(
    'portgroups.listDetailOfNode',
    handlers.listDetailOfNode,
  ),
  route<operations['portgroups.createOfNode']>('portgroups.createOfNode', handlers.createOfNode),
  route<operations['portgroups.showOfNode']>('portgroups.showOfNode', handlers.showOfNode),
  route<operations['portgroups.updateOfNode']>('portgroups.updateOfNode', handlers.updateOfNode),
  route<operations['portgroups.deleteOfNode']>('portgroups.deleteOfNode', handlers.removeOfNode),
]
