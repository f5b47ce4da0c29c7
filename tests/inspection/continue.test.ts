import { randomUUID } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { works } from '../../src/conductor/works.js'
import { handleTask } from '../../src/conductor/work/worker.js'
import type { NodeInsert, NodeRow } from '../../src/db/rows.js'
import {
  inspectionRules,
  nodeInventory,
  nodes,
  nodeTraits,
  ports,
} from '../../src/db/schema/index.js'
import type { Database } from '../../src/db/types.js'
import type { DriverRegistry } from '../../src/drivers/registry.js'
import { apiClient } from '../_util/api.js'
import { testDatabase } from '../_util/database.js'
import { addNode, noSignal, registerHost, testBed, type Bed } from '../conductor/_harness.js'

let db: Database
let ctx: Bed
let send: ReturnType<typeof apiClient>
const mac = '52:54:00:00:00:01'
const nothing = () => Promise.resolve()
const driver = {
  inspect: { usesHooks: true },
  boot: { cleanUpRamdisk: nothing },
  network: { removeNetwork: nothing },
  firmware: {},
}

beforeAll(async () => {
  db = await testDatabase()
  const drivers = { compose: () => driver, hardwareTypes: new Map() } as unknown as DriverRegistry
  ctx = await testBed(db, {
    drivers,
    config: {
      inspector: {
        power_off: false,
        hooks:
          '$default_hooks,memory,cpus,boot-mode,root-device,cpu-capabilities,pci-devices,accelerators,extra-hardware,local-link-connection,physical-network',
        pci_device_alias: ['{"vendor_id": "10de", "product_id": "1", "name": "gpu"}'],
        physical_network_cidr_map: ['10.0.0.0/8:fabric'],
      },
    },
  })
  await registerHost(ctx)
  send = apiClient(ctx)
}, 30_000)
afterAll(() => db.close())
beforeEach(async () => {
  ctx.queue.messages.length = 0
  await db.orm.delete(inspectionRules)
  await db.orm.delete(ports)
  await db.orm.delete(nodes)
})

const inventory = {
  interfaces: [
    {
      name: 'eth0',
      mac_address: mac.toUpperCase(),
      ipv4_address: '10.0.0.5',
      lldp: [
        [1, '04885a92ec5459'],
        [2, '0545746865726e6574312f3138'],
        [5, '737730'],
      ],
    },
    { name: 'eth1', mac_address: '52:54:00:00:00:02' },
    { name: 'lo', mac_address: '00:00:00:00:00:00', ipv4_address: '127.0.0.1' },
  ],
  boot: { pxe_interface: '01-52-54-00-00-00-01', current_boot_mode: 'uefi' },
  cpu: { architecture: 'x86_64', count: '8', flags: ['vmx', 'aes'] },
  memory: { physical_mb: 4096 },
  disks: [
    { name: '/dev/sda', size: 10 * 1024 ** 3 },
    { name: '/dev/sdb', size: 100 * 1024 ** 3 },
  ],
}
const more = {
  pci_devices: [
    { vendor_id: '10de', product_id: '1' },
    { vendor_id: '10de', product_id: '1' },
    { vendor_id: '10de', product_id: '1eb8', bus: '0000:03:00.0' },
  ],
  data: [['disk', 'sda', 'size', '7']],
  logs: 'x',
}
const waiting = (values: Partial<NodeInsert> = {}) =>
  addNode(ctx, { provisionState: 'inspect wait', ...values })
const stored = async (node: NodeRow) =>
  (await db.orm.select().from(nodes).where(eq(nodes.id, node.id)))[0]!

async function inspect(query: string, body: Record<string, unknown> = {}, version = '1.84') {
  const reply = await send('POST', `/v1/continue_inspection${query}`, {
    version,
    body: { inventory, ...more, ...body },
  })
  for (const { taskId } of ctx.queue.messages) await handleTask(ctx, works, taskId, noSignal)
  return reply
}
const rule = (actions: unknown[], conditions: unknown[] = [], priority = 0) =>
  db.orm.insert(inspectionRules).values({ uuid: randomUUID(), actions, conditions, priority })

describe('inspection data', () => {
  it('become properties, ports and an inventory', async () => {
    const node = await waiting({ properties: { root_device: { size: '>= 50' } } })
    const reply = await inspect(`?node_uuid=${node.uuid}`)
    expect(reply).toMatchObject({ status: 202, body: { node: { uuid: node.uuid } } })
    const after = await stored(node)
    expect(after).toMatchObject({
      provisionState: 'manageable',
      reservation: null,
      lastError: null,
    })
    expect(after.properties).toMatchObject({
      cpu_arch: 'x86_64',
      cpus: 8,
      memory_mb: 4096,
      local_gb: 99,
      accelerators: [{ type: 'GPU', device_id: '1eb8', pci_address: '0000:03:00.0' }],
      capabilities: 'boot_mode:uefi,cpu_vt:true,cpu_aes:true,gpu:2',
    })
    expect(await db.orm.select().from(ports)).toMatchObject([
      {
        address: mac,
        pxeEnabled: true,
        physicalNetwork: 'fabric',
        localLinkConnection: {
          switch_id: '88:5a:92:ec:54:59',
          port_id: 'Ethernet1/18',
          switch_info: 'sw0',
        },
      },
    ])
    const [kept] = await db.orm.select().from(nodeInventory)
    expect(kept?.inventoryData).toEqual(inventory)
    expect(kept?.pluginData).toMatchObject({
      macs: [mac],
      local_gb: 99,
      extra: { disk: { sda: { size: 7 } } },
    })
    expect(kept?.pluginData).not.toHaveProperty('logs')
  })

  it('find their node by the addresses of its ports, and answer old ramdisks its UUID', async () => {
    const node = await waiting({ properties: { cpus: 1 } })
    await db.orm.insert(ports).values({ uuid: randomUUID(), address: mac, nodeId: node.id })
    expect(await inspect('', {}, '1.1')).toMatchObject({ status: 202, body: { uuid: node.uuid } })
    expect((await stored(node)).provisionState).toBe('manageable')
  })

  it.each<[string, Record<string, unknown>, string]>([
    ['an error of the ramdisk', { error: 'boom' }, 'Ramdisk reported error: boom'],
    [
      'no architecture',
      { inventory: { interfaces: inventory.interfaces } },
      'Unexpected exception InvalidNodeInventory during processing for node',
    ],
  ])('with %s fail the inspection', async (_what, body, text) => {
    const node = await waiting()
    await inspect(`?node_uuid=${node.uuid}`, body)
    const after = await stored(node)
    expect(after.provisionState).toBe('inspect failed')
    expect(after.lastError).toContain('Failed to finish inspection: ')
    expect(after.lastError).toContain(text)
  })

  it.each<[string, string, Record<string, unknown>, number, string]>([
    ['at 1.83', '1.83', {}, 404, 'API version 1.84 or newer is required'],
    ['of nobody', '1.84', {}, 404, 'Resource could not be found.'],
    [
      'without interfaces',
      '1.84',
      { inventory: { interfaces: [] } },
      400,
      'Schema error for data: [] is too short',
    ],
    [
      'without an address',
      '1.84',
      { inventory: { interfaces: [{ mac_address: 'junk' }] } },
      400,
      'No lookup information provided',
    ],
  ])('%s are refused', async (_what, version, body, status, fault) => {
    expect(await inspect('', body, version)).toMatchObject({ status, fault })
  })

  it('of a node that does not wait are refused', async () => {
    const node = await addNode(ctx, { provisionState: 'manageable' })
    expect((await inspect(`?node_uuid=${node.uuid}`)).status).toBe(404)
  })

  it('of a wrong BMC are refused', async () => {
    const node = await waiting({ driverInternalInfo: { lookup_bmc_addresses: ['10.9.9.9'] } })
    const other = { ...inventory, bmc_address: '10.1.1.1' }
    expect((await inspect(`?node_uuid=${node.uuid}`, { inventory: other })).status).toBe(404)
  })
})

describe('rules', () => {
  it('change node, ports, traits and plugin data, the highest priority first', async () => {
    const node = await waiting({ properties: { root_device: { size: '<or> 10 <or> 20' } } })
    await rule([{ op: 'set-attribute', args: { path: 'extra/order', value: 'low' } }], [], 1)
    await rule(
      [
        { op: 'set-attribute', args: { path: 'extra/order', value: 'high' } },
        {
          op: 'set-attribute',
          args: ['/properties/cpu', '{inventory[cpu][count]} of {node.driver}'],
        },
        { op: 'extend-attribute', args: { path: 'extra.list', value: '{item}' }, loop: ['a', 'b'] },
        { op: 'set-capability', args: { name: 'x', value: 'y' } },
        { op: 'add-trait', args: { name: 'CUSTOM_A' } },
        { op: 'set-plugin-data', args: { path: 'a.b', value: 1 } },
        { op: 'unset-plugin-data', args: { path: 'extra.disk.sda.size' } },
      ],
      [
        { op: 'eq', args: { values: ['{inventory[cpu][architecture]}', 'x86_64'] } },
        { op: '!is-empty', args: { value: '{plugin_data[macs]}' } },
      ],
      5,
    )
    await rule(
      [{ op: 'fail', args: { msg: 'not here' } }],
      [{ op: 'is-true', args: { value: false } }],
    )
    await inspect(`?node_uuid=${node.uuid}`)
    const after = await stored(node)
    expect(after).toMatchObject({
      provisionState: 'manageable',
      extra: { order: 'low', list: ['a', 'b'] },
      properties: { cpu: '8 of fake-hardware', local_gb: 9 },
    })
    expect(after.properties?.['capabilities']).toMatch(/,x:y$/)
    expect(await db.orm.select().from(nodeTraits)).toMatchObject([{ trait: 'CUSTOM_A' }])
    const [kept] = await db.orm.select().from(nodeInventory)
    expect(kept?.pluginData).toMatchObject({ a: { b: 1 }, extra: { disk: {} } })
  })

  it.each<[unknown, string]>([
    [{ op: 'fail', args: { msg: 'no' } }, 'Failed to inspect hardware. Reason: no'],
    [
      { op: 'set-attribute', args: { path: 'provision_state', value: 'active' } },
      'Inspection rule action execution failed. Reason: Failed to set attribute provision_state',
    ],
    [
      { op: 'set-attribute', args: { path: '__proto__/x', value: 1 } },
      'Failed to set attribute __proto__/x',
    ],
    [
      { op: 'set-port-attribute', args: { port_id: 'x', path: 'extra.a', value: 1 } },
      'Port x could not be found.',
    ],
    [
      { op: 'api-call', args: { url: 'http://x', timeout: 0 } },
      'timeout must be greater than zero',
    ],
  ])('that fail (%j) fail the inspection', async (action, text) => {
    const node = await waiting()
    await rule([action])
    await inspect(`?node_uuid=${node.uuid}`)
    const after = await stored(node)
    expect(after.provisionState).toBe('inspect failed')
    expect(after.lastError).toContain(text)
  })
})
