// Network interfaces and `dhcp_provider = neutron` against a real Neutron (its API on SQLite).
import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { attachVif, detachVif, listVifs } from '../../src/conductor/operations/vifs.js'
import { createPort, updatePort } from '../../src/conductor/operations/ports.js'
import type { NodeTask } from '../../src/conductor/node/task.js'
import { withNode } from '../../src/conductor/node/with-node.js'
import type { NodeRow, PortRow } from '../../src/db/rows.js'
import type { NodeInsert } from '../../src/db/rows.js'
import { portgroups } from '../../src/db/schema/index.js'
import { neutronTell } from '../../src/drivers/network/neutron/dhcp.js'
import { servePeers, type Peers } from '../_util/peers/serve.js'
import { AgentBed } from '../agent/_util/bed.js'
import { someone } from '../conductor/_harness.js'

type Body = Record<string, unknown>
interface Port {
  id: string
  network_id: string
  mac_address: string
  device_id: string
  device_owner: string
  security_groups: string[]
  fixed_ips: { ip_address: string }[]
  extra_dhcp_opts: { opt_name: string; opt_value: string; ip_version: number }[]
  'binding:host_id': string
  'binding:profile': Record<string, unknown>
  'binding:vnic_type': string
}

const link = { switch_id: '00:11:22:33:44:55', port_id: 'Ethernet1/1', switch_info: 'tor-1' }
const bed = new AgentBed()
let peers: Peers
let url = ''
const networks: Record<string, string> = {}
let group = ''
let macs = 0

async function neutron<T>(method: string, path: string, body?: Body): Promise<T> {
  const sent = body === undefined ? {} : { body: JSON.stringify(body) }
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(`${url}/v2.0${path}`, { method, headers, ...sent })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
  return (text === '' ? undefined : JSON.parse(text)) as T
}

const portsOf = async (query: string) =>
  (await neutron<{ ports: Port[] }>('GET', `/ports?${query}`)).ports
const vifOf = async (id: string) => (await neutron<{ port: Port }>('GET', `/ports/${id}`)).port

async function network(name: string, cidr: string, more: Body = {}): Promise<string> {
  const flat = { 'provider:network_type': 'flat', 'provider:physical_network': `phys-${name}` }
  const made = await neutron<{ network: { id: string } }>('POST', '/networks', {
    network: { name, ...flat },
  })
  const { id } = made.network
  const ip_version = cidr.includes(':') ? 6 : 4
  await neutron('POST', '/subnets', { subnet: { network_id: id, cidr, ip_version, ...more } })
  return id
}

async function vif(name: string): Promise<string> {
  const made = await neutron<{ port: Port }>('POST', '/ports', {
    port: { network_id: networks[name], admin_state_up: true },
  })
  return made.port.id
}

beforeAll(async () => {
  peers = await servePeers(['neutron'])
  url = peers.peers[0]?.url ?? ''
  networks['cleaning'] = await network('cleaning', '192.0.2.0/25')
  networks['provisioning'] = await network('provisioning', '192.0.2.128/25')
  networks['tenant'] = await network('tenant', '198.51.100.0/24')
  networks['six'] = await network('six', '2001:db8::/64', {
    ipv6_address_mode: 'dhcpv6-stateful',
    ipv6_ra_mode: 'dhcpv6-stateful',
  })
  const made = await neutron<{ security_group: { id: string } }>('POST', '/security-groups', {
    security_group: { name: 'ramdisks' },
  })
  group = made.security_group.id
  await bed.open({
    DEFAULT: { enabled_network_interfaces: ['noop', 'flat', 'neutron'], my_ip: '192.0.2.1' },
    dhcp: { dhcp_provider: 'neutron' },
    deploy: { http_url: 'http://192.0.2.1:8080' },
    neutron: {
      auth_type: 'none',
      endpoint_override: url,
      cleaning_network: 'cleaning',
      provisioning_network: networks['provisioning'],
      provisioning_network_security_groups: [group],
      fail_on_port_binding_failure: false,
    },
  })
}, 240_000)
afterEach(() => bed.machines.stopAll())
afterAll(async () => {
  await bed.close()
  await peers?.[Symbol.asyncDispose]()
})

const mac = () => `52:54:00:ee:00:${(macs += 1).toString(16).padStart(2, '0')}`

async function machine(values: Partial<NodeInsert> = {}, port: Partial<PortRow> = {}) {
  const node = await bed.node({ networkInterface: 'neutron', ...values })
  return { node, port: await addPort(node, port) }
}

const addPort = (node: NodeRow, values: Partial<PortRow> = {}) =>
  createPort(bed.ctx, someone, {
    uuid: randomUUID(),
    address: mac(),
    localLinkConnection: link,
    ...values,
    nodeId: node.id,
  })

const within = <T>(node: NodeRow, fn: (task: NodeTask) => Promise<T>) =>
  withNode(bed.ctx, someone, node.id, { purpose: 'test' }, fn)

const said = (work: Promise<unknown>) =>
  work.then(
    () => 'no error',
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  )

describe('ports of ramdisks', () => {
  it('are made for what boots, plugged into their switch ports, and removed', async () => {
    const { node, port } = await machine({}, { physicalNetwork: 'phys-cleaning' })
    await addPort(node, { pxeEnabled: false })
    await within(node, (task) => task.driver.network.addNetwork(task, 'cleaning'))
    const made = await portsOf(`device_id=${node.uuid}`)
    expect(made).toHaveLength(1)
    expect(made[0]).toMatchObject({
      network_id: networks['cleaning'],
      mac_address: port.address,
      device_owner: 'baremetal:none',
      'binding:host_id': node.uuid,
      'binding:vnic_type': 'baremetal',
      'binding:profile': { local_link_information: [link], physical_network: 'phys-cleaning' },
    })
    const info = await within(node, async (task) => (await task.ports())[0]?.internalInfo)
    expect(info).toEqual({ cleaning_vif_port_id: made[0]?.id })
    await within(node, (task) => task.driver.network.removeNetwork(task, 'cleaning'))
    expect(await portsOf(`device_id=${node.uuid}`)).toEqual([])
    expect(await within(node, async (task) => (await task.ports())[0]?.internalInfo)).toEqual({})
  })

  it('are not made twice when the work is done again', async () => {
    const { node } = await machine()
    for (let n = 0; n < 2; n += 1) {
      await within(node, (task) => task.driver.network.addNetwork(task, 'provisioning'))
    }
    const made = await portsOf(`device_id=${node.uuid}`)
    expect(made.map((one) => one.security_groups)).toEqual([[group]])
  })

  it('get more addresses where DHCPv6 keeps them', async () => {
    const { node } = await machine({ driverInfo: { cleaning_network: 'six' } })
    await within(node, (task) => task.driver.network.addNetwork(task, 'cleaning'))
    const [made] = await portsOf(`device_id=${node.uuid}`)
    expect(made?.fixed_ips).toHaveLength(4)
  })

  it('fail when none can be made, and say why', async () => {
    const { node, port } = await machine({}, { localLinkConnection: {} })
    const add = within(node, (task) => task.driver.network.addNetwork(task, 'cleaning'))
    expect(await said(add)).toBe(
      `Failed to create neutron ports for node's ${node.uuid} ports ${port.uuid}.`,
    )
    const strict = await machine({ driverInfo: { fail_on_binding_failure: true } })
    const bound = within(strict.node, (task) => task.driver.network.addNetwork(task, 'cleaning'))
    expect(await said(bound)).toMatch(/^Failed to create neutron ports/)
    expect(await portsOf(`device_id=${strict.node.uuid}`)).toEqual([])
  })

  it.each([
    ['nowhere', 'cleaning_network with name or UUID nowhere was not found'],
    ['twice', 'More than one cleaning_network was found for name twice: '],
  ])('need a network that is there once (%s)', async (name, text) => {
    if (name === 'twice') {
      await network('twice', '203.0.113.0/25')
      await neutron('POST', '/networks', { network: { name } })
    }
    const { node } = await machine({ driverInfo: { cleaning_network: name } })
    expect(await said(within(node, (task) => task.driver.network.validate(task)))).toContain(text)
  })
})

describe('DHCP options', () => {
  const wanted = { name: 'ipxe', ipxe: true, http: false, cpu: 'x86_64', firmware: 'bios' } as const

  it('are given to the port of the moment, by family', async () => {
    const { node } = await machine()
    expect(await said(within(node, (task) => neutronTell(task, wanted)))).toBe(
      `No VIFs found for node ${node.uuid} when attempting to update DHCP BOOT options.`,
    )
    await within(node, async (task) => {
      await task.driver.network.addNetwork(task, 'cleaning')
      await neutronTell(task, wanted)
    })
    const [made] = await portsOf(`device_id=${node.uuid}`)
    const options = made?.extra_dhcp_opts.map((one) => [one.opt_name, one.opt_value])
    expect(Object.fromEntries(options ?? [])).toEqual({
      'tag:!ipxe,67': 'undionly.kpxe',
      'tag:ipxe,67': 'http://192.0.2.1:8080/boot.ipxe',
      '66': '192.0.2.1',
      '150': '192.0.2.1',
      '255': '192.0.2.1',
    })
    expect(new Set(made?.extra_dhcp_opts.map((one) => one.ip_version))).toEqual(new Set([4]))
  })

  it('of IPv6 are URLs', async () => {
    const { node } = await machine({ driverInfo: { cleaning_network: 'six' } })
    await within(node, async (task) => {
      await task.driver.network.addNetwork(task, 'cleaning')
      await neutronTell(task, { ...wanted, firmware: 'uefi' })
    })
    const [made] = await portsOf(`device_id=${node.uuid}`)
    expect(made?.extra_dhcp_opts).toContainEqual({
      opt_name: 'tag:!ipxe6,59',
      opt_value: 'tftp://192.0.2.1/snponly.efi',
      ip_version: 6,
    })
  })
})

describe('VIFs of tenants', () => {
  it('take the MAC address of a port, are plugged in with the instance, and go', async () => {
    const { node, port } = await machine({ provisionState: 'available' })
    const id = await vif('tenant')
    await attachVif(bed.ctx, someone, node.uuid, { id })
    expect(await vifOf(id)).toMatchObject({
      mac_address: port.address,
      'binding:host_id': node.uuid,
      'binding:profile': {},
    })
    expect(await listVifs(bed.ctx, someone, node.uuid)).toEqual([{ id }])
    expect(await said(attachVif(bed.ctx, someone, node.uuid, { id }))).toBe(
      `Unable to attach VIF because VIF ${id} is already attached to Ironic Port ${port.uuid}`,
    )
    await within(node, (task) => task.driver.network.configureTenantNetworks(task))
    expect((await vifOf(id))['binding:profile']).toEqual({ local_link_information: [link] })
    await within(node, (task) => task.driver.network.unconfigureTenantNetworks(task))
    const free = await vifOf(id)
    expect(free).toMatchObject({ 'binding:host_id': '', 'binding:profile': {} })
    expect(free.mac_address).not.toBe(port.address)
    await detachVif(bed.ctx, someone, node.uuid, id)
    expect(await listVifs(bed.ctx, someone, node.uuid)).toEqual([])
    expect(await said(detachVif(bed.ctx, someone, node.uuid, id))).toBe(
      `Unable to detach VIF ${id} from node ${node.uuid} because it is not attached to it.`,
    )
  })

  it('go where their physical network is, to a port group before a port', async () => {
    const { node, port } = await machine({}, { physicalNetwork: 'elsewhere' })
    const [bond] = await bed.ctx.db.orm
      .insert(portgroups)
      .values({
        uuid: randomUUID(),
        nodeId: node.id,
        address: mac(),
        mode: '802.3ad',
        properties: { miimon: 100 },
      })
      .returning()
    const here = { physicalNetwork: 'phys-tenant' }
    await addPort(node, here)
    await addPort(node, { ...here, portgroupId: bond!.id })
    const [first, second, third] = [await vif('tenant'), await vif('tenant'), await vif('tenant')]
    for (const id of [first, second]) await attachVif(bed.ctx, someone, node.uuid, { id })
    expect((await vifOf(first)).mac_address).toBe(bond!.address)
    expect(await said(attachVif(bed.ctx, someone, node.uuid, { id: third }))).toBe(
      `Unable to attach VIF ${third}, not enough free physical ports.`,
    )
    await within(node, (task) => task.driver.network.configureTenantNetworks(task))
    expect((await vifOf(first))['binding:profile']).toEqual({
      local_link_information: [link],
      local_group_information: {
        id: bond!.uuid,
        name: null,
        bond_mode: '802.3ad',
        bond_properties: { bond_miimon: 100 },
      },
    })
    expect(port.physicalNetwork).toBe('elsewhere')
  })

  it('follow the port they are on', async () => {
    const { node, port } = await machine({ provisionState: 'manageable' })
    const id = await vif('tenant')
    await attachVif(bed.ctx, someone, node.uuid, { id })
    const address = mac()
    const now = await within(node, async (task) => (await task.ports())[0]!)
    const moved = await updatePort(bed.ctx, someone, now, { address })
    expect(await vifOf(id)).toMatchObject({ mac_address: address, 'binding:host_id': node.uuid })
    await updatePort(bed.ctx, someone, moved, { extra: { 'client-id': 'ff:00:01' } })
    const told = { opt_name: '61', opt_value: 'ff:00:01', ip_version: 4 }
    expect((await vifOf(id)).extra_dhcp_opts).toEqual([told])
    expect(port.address).not.toBe(address)
  })

  it('that are not there are refused', async () => {
    const { node } = await machine()
    const id = randomUUID()
    expect(await said(attachVif(bed.ctx, someone, node.uuid, { id }))).toBe(
      `Neutron port ${id} was not found`,
    )
  })
})

describe.each(['flat', 'neutron'])('a deployment in networks of %s', (networkInterface) => {
  it('moves the machine from the ramdisk’s network to the tenant’s, and back', async () => {
    const { node, port } = await machine({ networkInterface, instanceInfo: bed.image })
    const id = await vif('tenant')
    await attachVif(bed.ctx, someone, node.uuid, { id })
    expect((await bed.verb(node, 'active')).status).toBe(202)
    await bed.drain()
    const ramdisk = await portsOf(`network_id=${networks['provisioning']}&device_id=${node.uuid}`)
    // A flat network has the tenant's port from the beginning.
    expect(ramdisk).toHaveLength(networkInterface === 'neutron' ? 1 : 0)
    const done = await bed.until(node, 'active')
    expect(done.lastError).toBeNull()
    expect(await portsOf(`device_id=${node.uuid}`)).toEqual([])
    expect(await vifOf(id)).toMatchObject({
      mac_address: port.address,
      'binding:host_id': node.uuid,
    })
    await bed.verb(node, 'deleted')
    await bed.drain()
    expect((await bed.state(node)).provisionState).toBe('clean wait')
    const cleaning = await portsOf(`network_id=${networks['cleaning']}&device_id=${node.uuid}`)
    expect(cleaning).toHaveLength(1)
    expect((await vifOf(id))['binding:host_id']).toBe('')
    expect((await bed.until(node, 'available')).lastError).toBeNull()
    expect(await portsOf(`device_id=${node.uuid}`)).toEqual([])
  })
})
