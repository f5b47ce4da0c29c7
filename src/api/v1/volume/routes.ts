import { route, type Route } from '../../request.js'
import type { operations } from './contract.gen.js'
import { volumeHandlers } from './handlers.js'
import { connectors, targets } from './kinds.js'
import { root, rootOfNode } from './root.js'

type Ops = operations
const c = volumeHandlers(connectors)
const t = volumeHandlers(targets)

const connectorRoutes: readonly Route[] = [
  route<Ops['volume.connectors.list']>('volume.connectors.list', (r) => c.list(r, r.args)),
  route<Ops['volume.connectors.create']>('volume.connectors.create', (r) => c.create(r, r.body)),
  route<Ops['volume.connectors.show']>('volume.connectors.show', (r) =>
    c.show(r, r.args.connector_uuid, r.args.fields),
  ),
  route<Ops['volume.connectors.update']>('volume.connectors.update', (r) =>
    c.update(r, r.args.connector_uuid, r.body),
  ),
  route<Ops['volume.connectors.delete']>('volume.connectors.delete', (r) =>
    c.remove(r, r.args.connector_uuid),
  ),
  route<Ops['volume.connectors.listOfNode']>('volume.connectors.listOfNode', (r) =>
    c.list(r, r.args, r.args.node_ident),
  ),
  route<Ops['volume.connectors.createOfNode']>('volume.connectors.createOfNode', (r) =>
    c.refuseCreate(r, r.body),
  ),
  route<Ops['volume.connectors.showOfNode']>('volume.connectors.showOfNode', (r) =>
    c.refuse(r, 'baremetal:volume:get', r.args.connector_uuid),
  ),
  route<Ops['volume.connectors.updateOfNode']>('volume.connectors.updateOfNode', (r) =>
    c.refuse(r, 'baremetal:volume:update', r.args.connector_uuid),
  ),
  route<Ops['volume.connectors.deleteOfNode']>('volume.connectors.deleteOfNode', (r) =>
    c.refuse(r, 'baremetal:volume:delete', r.args.connector_uuid),
  ),
]

const targetRoutes: readonly Route[] = [
  route<Ops['volume.targets.list']>('volume.targets.list', (r) => t.list(r, r.args)),
  route<Ops['volume.targets.create']>('volume.targets.create', (r) => t.create(r, r.body)),
  route<Ops['volume.targets.show']>('volume.targets.show', (r) =>
    t.show(r, r.args.target_uuid, r.args.fields),
  ),
  route<Ops['volume.targets.update']>('volume.targets.update', (r) =>
    t.update(r, r.args.target_uuid, r.body),
  ),
  route<Ops['volume.targets.delete']>('volume.targets.delete', (r) =>
    t.remove(r, r.args.target_uuid),
  ),
  route<Ops['volume.targets.listOfNode']>('volume.targets.listOfNode', (r) =>
    t.list(r, r.args, r.args.node_ident),
  ),
  route<Ops['volume.targets.createOfNode']>('volume.targets.createOfNode', (r) =>
    t.refuseCreate(r, r.body),
  ),
  route<Ops['volume.targets.showOfNode']>('volume.targets.showOfNode', (r) =>
    t.refuse(r, 'baremetal:volume:get', r.args.target_uuid),
  ),
  route<Ops['volume.targets.updateOfNode']>('volume.targets.updateOfNode', (r) =>
    t.refuse(r, 'baremetal:volume:update', r.args.target_uuid),
  ),
  route<Ops['volume.targets.deleteOfNode']>('volume.targets.deleteOfNode', (r) =>
    t.refuse(r, 'baremetal:volume:delete', r.args.target_uuid),
  ),
]

export const volumeRoutes: readonly Route[] = [
  route<Ops['volume.root']>('volume.root', root),
  route<Ops['volume.rootOfNode']>('volume.rootOfNode', rootOfNode),
  ...connectorRoutes,
  ...targetRoutes,
]
