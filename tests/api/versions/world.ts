/** One of everything the API serves, and where each is shown and listed. */
import { randomUUID } from 'node:crypto'
import {
  biosSettings,
  firmwareInformation,
  nodeHistory,
  nodeInventory,
} from '../../../src/db/schema/index.js'
import { openBench, type Bench } from '../_node-bench.js'

export type Json = Record<string, unknown>

/** Where a resource is seen: one of it, all of it in short, all of it in full; and how they are wrapped. */
export interface Place {
  readonly resource: string
  readonly show: string
  readonly list: string
  readonly key: string
  readonly detail?: string
  /** Upstream's detailed list hides nothing, however old the version. */
  readonly detailHidesNothing?: boolean
  /** The minor from which the path is there, where the resource itself is older. */
  readonly since?: number
  /** The resource is answered inside an object, under this name. */
  readonly under?: string
}

export interface World extends AsyncDisposable {
  readonly bench: Bench
  readonly places: readonly Place[]
  /** Values for the braces of paths. */
  readonly names: Readonly<Record<string, string>>
}

const STEP = { interface: 'deploy', step: 'deploy', args: {}, priority: 50 }
const CLEAN = { interface: 'deploy', step: 'erase', args: {}, order: 1 }

async function create(bench: Bench, path: string, body: object): Promise<string> {
  const reply = await bench.send('POST', path, { version: '1.115', body })
  const uuid = reply.body?.['uuid']
  if (typeof uuid !== 'string') throw new Error(`${path}: ${reply.status} ${reply.fault}`)
  return uuid
}

async function createAll(bench: Bench) {
  const chassis = await create(bench, '/v1/chassis', { description: 'rack' })
  const node = await create(bench, '/v1/nodes', {
    driver: 'fake-hardware',
    name: 'n1',
    chassis_uuid: chassis,
    resource_class: 'metal',
    network_interface: 'noop',
    shard: 's1',
  })
  const portgroup = await create(bench, '/v1/portgroups', { node_uuid: node, name: 'pg1' })
  const port = { node_uuid: node, portgroup_uuid: portgroup, address: '52:54:00:00:00:01' }
  const rule = { conditions: [], actions: [{ op: 'fail', args: { msg: 'x' } }] }
  return {
    node,
    chassis,
    portgroup,
    port: await create(bench, '/v1/ports', port),
    allocation: await create(bench, '/v1/allocations', { name: 'a1', resource_class: 'none' }),
    template: await create(bench, '/v1/deploy_templates', { name: 'CUSTOM_T', steps: [STEP] }),
    runbook: await create(bench, '/v1/runbooks', { name: 'CUSTOM_R', steps: [CLEAN] }),
    rule: await create(bench, '/v1/inspection_rules', rule),
    connector: await create(bench, '/v1/volume/connectors', {
      node_uuid: node,
      type: 'iqn',
      connector_id: 'iqn.2017-08.org.openstack:one',
    }),
    target: await create(bench, '/v1/volume/targets', {
      node_uuid: node,
      volume_type: 'iscsi',
      boot_index: 0,
      volume_id: '04452bed-5367-4202-8bf5-de4335ac56d2',
    }),
  }
}

/** What only a conductor writes. */
async function found(bench: Bench, uuid: string): Promise<string> {
  const { orm } = bench.ctx.db
  const node = await orm.query.nodes.findFirst({ where: (n, { eq }) => eq(n.uuid, uuid) })
  const nodeId = node?.id ?? 0
  const event = randomUUID()
  await orm.insert(biosSettings).values({ nodeId, name: 'turbo', value: 'on' })
  await orm.insert(firmwareInformation).values({ nodeId, component: 'bmc', initialVersion: '1' })
  await orm.insert(nodeHistory).values({ nodeId, uuid: event, event: 'it happened' })
  await orm.insert(nodeInventory).values({ nodeId, inventoryData: {}, pluginData: {} })
  return event
}

const collection = (resource: string, path: string, uuid: string, key: string): Place => ({
  resource,
  show: `/v1/${path}/${uuid}`,
  list: `/v1/${path}`,
  key,
})

const listed = (resource: string, list: string, key: string): Place => ({
  resource,
  show: '',
  list,
  key,
})

/** Answers that are no resource: their members, which are the same since they exist. */
export const plainAnswers = [
  { path: '/v1/nodes/{node_ident}/inventory', since: 81, members: ['inventory', 'plugin_data'] },
  { path: '/v1/nodes/{node_ident}/traits', since: 37, members: ['traits'] },
  { path: '/v1/nodes/{node_ident}/vifs', since: 28, members: ['vifs'] },
  { path: '/v1/nodes/{node_ident}/children', since: 83, members: ['children', 'links'] },
  {
    path: '/v1/nodes/{node_ident}/volume',
    since: 32,
    members: ['connectors', 'targets', 'links'],
  },
  { path: '/v1/volume', since: 32, members: ['connectors', 'targets', 'links'] },
  { path: '/v1/runbooks/{runbook_ident}/traits', since: 112, members: ['traits'] },
  {
    path: '/v1/nodes/{node_ident}/management/boot_device',
    since: 1,
    members: ['boot_device', 'persistent'],
  },
  {
    path: '/v1/nodes/{node_ident}/management/boot_device/supported',
    since: 1,
    members: ['supported_boot_devices'],
  },
  {
    path: '/v1/nodes/{node_ident}/states/console',
    since: 1,
    members: ['console_enabled', 'console_info'],
  },
  { path: '/v1/lookup?node_uuid={node_uuid}', since: 22, members: ['config', 'node'] },
  { path: '/', since: 1, members: ['default_version', 'description', 'name', 'versions'] },
]

/** Opens an API in memory and puts one of everything into it. */
export async function openWorld(): Promise<World> {
  const bench = await openBench({ api: { restrict_lookup: false } })
  const ids = await createAll(bench)
  const event = await found(bench, ids.node)
  const node = `/v1/nodes/${ids.node}`
  const inFull = (place: Place): Place => ({ ...place, detail: `${place.list}/detail` })
  const places: Place[] = [
    inFull(collection('node', 'nodes', ids.node, 'nodes')),
    inFull(collection('port', 'ports', ids.port, 'ports')),
    {
      ...inFull(collection('portgroup', 'portgroups', ids.portgroup, 'portgroups')),
      detailHidesNothing: true,
    },
    inFull(collection('chassis', 'chassis', ids.chassis, 'chassis')),
    collection('allocation', 'allocations', ids.allocation, 'allocations'),
    collection('deploy_template', 'deploy_templates', ids.template, 'deploy_templates'),
    collection('runbook', 'runbooks', ids.runbook, 'runbooks'),
    collection('inspection_rule', 'inspection_rules', ids.rule, 'inspection_rules'),
    collection('volume_connector', 'volume/connectors', ids.connector, 'connectors'),
    collection('volume_target', 'volume/targets', ids.target, 'targets'),
    collection('conductor', 'conductors', bench.ctx.host, 'conductors'),
    collection('driver', 'drivers', 'fake-hardware', 'drivers'),
    { ...collection('bios_setting', `nodes/${ids.node}/bios`, 'turbo', 'bios'), under: 'turbo' },
    collection('history_event', `nodes/${ids.node}/history`, event, 'history'),
    { resource: 'states', show: `${node}/states`, list: '', key: '' },
    { resource: 'firmware_component', show: '', list: `${node}/firmware`, key: 'firmware' },
    { resource: 'v1_root', show: '/v1/', list: '', key: '' },
    listed('shard', '/v1/shards', 'shards'),
    listed('indicator', `${node}/management/indicators`, 'indicators'),
    { ...listed('port', `${node}/ports`, 'ports'), detail: `${node}/ports/detail` },
    {
      ...listed('port', `/v1/portgroups/${ids.portgroup}/ports`, 'ports'),
      detail: `/v1/portgroups/${ids.portgroup}/ports/detail`,
      since: 24,
    },
    {
      ...listed('portgroup', `${node}/portgroups`, 'portgroups'),
      detail: `${node}/portgroups/detail`,
      detailHidesNothing: true,
      since: 24,
    },
    {
      ...listed('node', `/v1/chassis/${ids.chassis}/nodes`, 'nodes'),
      detail: `/v1/chassis/${ids.chassis}/nodes/detail`,
    },
    listed('volume_connector', `${node}/volume/connectors`, 'connectors'),
    listed('volume_target', `${node}/volume/targets`, 'targets'),
  ]
  const names = {
    node_ident: ids.node,
    node_uuid: ids.node,
    portgroup_uuid: ids.portgroup,
    portgroup_ident: ids.portgroup,
    driver_name: 'fake-hardware',
    hostname: bench.ctx.host,
    allocation_ident: ids.allocation,
    template_ident: ids.template,
    runbook_ident: ids.runbook,
    uuid: ids.rule,
    connector_uuid: ids.connector,
    target_uuid: ids.target,
    setting_name: 'turbo',
    event_uuid: event,
    trait: 'CUSTOM_X',
    vif_id: 'vif',
  }
  return { bench, places, names, [Symbol.asyncDispose]: () => bench[Symbol.asyncDispose]() }
}
