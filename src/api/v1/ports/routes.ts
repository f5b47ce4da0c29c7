import { route, type Route } from '../../request.js'
import type { operations } from './contract.gen.js'
import * as handlers from './handlers.js'
import * as write from './handlers-write.js'

export const portRoutes: readonly Route[] = [
  route('ports.showDetail', handlers.listOnly),
  route<operations['ports.list']>('ports.list', handlers.list),
  route<operations['ports.listDetail']>('ports.listDetail', handlers.listDetail),
  route<operations['ports.create']>('ports.create', write.create),
  route<operations['ports.show']>('ports.show', handlers.show),
  route<operations['ports.update']>('ports.update', write.update),
  route<operations['ports.delete']>('ports.delete', write.remove),
  route<operations['ports.listOfNode']>('ports.listOfNode', handlers.listOfNode),
  route<operations['ports.listDetailOfNode']>('ports.listDetailOfNode', handlers.listDetailOfNode),
  route('ports.createOfNode', handlers.malformed),
  route('ports.showOfNode', handlers.malformed),
  route('ports.updateOfNode', handlers.malformed),
  route('ports.deleteOfNode', handlers.malformed),
  route<operations['ports.listOfPortgroup']>('ports.listOfPortgroup', handlers.listOfPortgroup),
  route<operations['ports.listDetailOfPortgroup']>(
    'ports.listDetailOfPortgroup',
    handlers.listDetailOfPortgroup,
  ),
  route('ports.createOfPortgroup', handlers.malformed),
  route('ports.showOfPortgroup', handlers.malformed),
  route('ports.updateOfPortgroup', handlers.malformed),
  route('ports.deleteOfPortgroup', handlers.malformed),
]
