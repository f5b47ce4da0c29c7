import { route, type Route } from '../../request.js'
import type { operations } from './contract.gen.js'
import { create } from './create.js'
import * as handlers from './handlers.js'
import { update } from './update.js'

export const nodeRoutes: readonly Route[] = [
  route<operations['nodes.list']>('nodes.list', handlers.list),
  route<operations['nodes.listDetail']>('nodes.listDetail', handlers.listDetail),
  route<operations['nodes.listOfChassis']>('nodes.listOfChassis', handlers.listOfChassis),
  route<operations['nodes.listDetailOfChassis']>(
    'nodes.listDetailOfChassis',
    handlers.listDetailOfChassis,
  ),
  route('nodes.createOfChassis', handlers.refuse),
  route('nodes.showOfChassis', handlers.refuse),
  route('nodes.updateOfChassis', handlers.refuse),
  route('nodes.deleteOfChassis', handlers.refuseToDelete),
  route<operations['nodes.create']>('nodes.create', create),
  route<operations['nodes.show']>('nodes.show', handlers.show),
  route<operations['nodes.update']>('nodes.update', update),
  route<operations['nodes.delete']>('nodes.delete', handlers.remove),
]
