import { route, type Route } from '../../request.js'
import type { operations } from './contract.gen.js'
import { create } from './create.js'
import * as handlers from './handlers.js'
import * as ofChassis from './of-chassis.js'
import { update } from './update.js'

export const nodeRoutes: readonly Route[] = [
  route<operations['nodes.list']>('nodes.list', handlers.list),
  route<operations['nodes.listDetail']>('nodes.listDetail', handlers.listDetail),
  route<operations['nodes.listOfChassis']>('nodes.listOfChassis', handlers.listOfChassis),
  route<operations['nodes.listDetailOfChassis']>(
    'nodes.listDetailOfChassis',
    handlers.listDetailOfChassis,
  ),
  route<operations['nodes.createOfChassis']>('nodes.createOfChassis', ofChassis.create),
  route('nodes.updateAllOfChassis', ofChassis.refuse),
  route('nodes.deleteAllOfChassis', ofChassis.refuse),
  route('nodes.showOfChassis', ofChassis.refuse),
  route<operations['nodes.updateOfChassis']>('nodes.updateOfChassis', ofChassis.update),
  route('nodes.deleteOfChassis', ofChassis.refuseToDelete),
  route<operations['nodes.create']>('nodes.create', create),
  route<operations['nodes.show']>('nodes.show', handlers.show),
  route<operations['nodes.update']>('nodes.update', update),
  route<operations['nodes.delete']>('nodes.delete', handlers.remove),
]
