import { randomUUID } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import {
  destroyPortgroup,
  setPortgroupPhysicalNetwork,
  updatePortgroup,
} from '../../../src/conductor/operations/portgroups.js'
import { createPort, destroyPort, updatePort } from '../../../src/conductor/operations/ports.js'
import { attachVif, detachVif, listVifs } from '../../../src/conductor/operations/vifs.js'
import type { NodeRow, PortgroupRow, PortRow } from '../../../src/db/rows.js'
import { nodeHistory, portgroups, ports } from '../../../src/db/schema/index.js'
import type { NetworkInterface } from '../../../src/drivers/interfaces.js'
import { noopNetwork } from '../../../src/drivers/network/noop.js'
import { Conflict, InvalidParameterValue } from '../../../src/errors.js'
import { nodeOf, someone } from '../../conductor/_harness.js'
import { operationsBed, statusOf, textOf } from './_bed.js'

/** A network that carries VIFs and dislikes some. */
const strict: NetworkInterface = {
  ...noopNetwork,
  name: 'strict',
  currentVif: (_task, port) => {
    const vif = port.internalInfo?.['tenant_vif_port_id']
    return typeof vif === 'string' ? vif : null
  },
  vifList: () => Promise.resolve([{ id: 'v1' }]),
  vifAttach: () => Promise.reject(new Conflict('taken')),
  vifDetach: () => Promise.reject(new InvalidParameterValue('not attached')),
  portChanged: (_task, before, after) =>
    after.name === 'forbidden'
      ? Promise.reject(new Conflict(`no ${before.name ?? 'None'}`))
      : Promise.resolve(),
}

const bed = operationsBed({ DEFAULT: { enabled_network_interfaces: ['noop', 'strict'] } }, [
  { hardwareTypes: [], interfaces: [strict] },
])

let macs = 0
const mac = () => `52:54:00:00:00:${(macs += 1).toString(16).padStart(2, '0')}`
const addPort = (node: NodeRow, values: Partial<PortRow> = {}) =>
  createPort(bed.ctx, someone, { uuid: randomUUID(), address: mac(), ...values, nodeId: node.id })
const addGroup = async (node: NodeRow, values: Partial<PortgroupRow> = {}) => {
  const [row] = await bed.ctx.db.orm
    .insert(portgroups)
    .values({ uuid: randomUUID(), ...values, nodeId: node.id })
    .returning()
  return row!
}

describe('creating a port', () => {
  it('needs no lock', async () => {
    const node = await bed.node({ reservation: 'elsewhere' })
    expect(await addPort(node)).toMatchObject({ nodeId: node.id, pxeEnabled: true })
  })

  it('names what is taken', async () => {
    const node = await bed.node()
    const port = await addPort(node, { name: 'eth0' })
    const { address, uuid } = port
    const again = (values: Partial<PortRow>) => textOf(addPort(node, values))
    expect(await again({ address })).toBe(`A port with MAC address ${address} already exists.`)
    expect(await again({ uuid })).toBe(`A port with UUID ${uuid} already exists.`)
    // Upstream blames a taken name on the UUID when it creates (docs/reference/objects.md, Port).
    const late = randomUUID()
    expect(await again({ name: 'eth0', uuid: late })).toBe(
      `A port with UUID ${late} already exists.`,
    )
  })

  it('keeps a port group in one physical network', async () => {
    const node = await bed.node()
    const group = await addGroup(node)
    await addPort(node, { portgroupId: group.id, physicalNetwork: 'p1' })
    await addPort(node, { portgroupId: group.id, physicalNetwork: 'p1' })
    const other = (physicalNetwork: string | null) =>
      textOf(addPort(node, { portgroupId: group.id, physicalNetwork }))
    const refusal = (name: string) =>
      `Port with physical network ${name} cannot become a member of port group ${group.uuid} which has ports in physical network p1.`
    expect(await other('p2')).toBe(refusal('p2'))
    expect(await other(null)).toBe(refusal('None'))
    const own = await addGroup(node, { physicalNetwork: 'p3' })
    expect(await statusOf(addPort(node, { portgroupId: own.id, physicalNetwork: 'p1' }))).toBe(409)
    await addPort(node, { portgroupId: own.id, physicalNetwork: 'p3' })
  })

  it('gives up when the members of a group disagree already', async () => {
    const node = await bed.node()
    const group = await addGroup(node)
    await addPort(node, { portgroupId: group.id, physicalNetwork: 'p1' })
    const port = await addPort(node, { physicalNetwork: 'p2' })
    await bed.ctx.db.orm.update(ports).set({ portgroupId: group.id }).where(eq(ports.id, port.id))
    expect(await statusOf(addPort(node, { portgroupId: group.id }))).toBe(500)
  })
})

describe('changing a port', () => {
  const wired = (port: PortRow, node: NodeRow, state: string) =>
    `Port ${port.uuid} can not have any connectivity attributes (local_link_connection, physical_network, portgroup_id, pxe_enabled) updated unless node ${node.uuid} is in a enroll, inspecting, inspect wait, manageable state or in maintenance mode. The current state is ${state}.`
  const address = (port: PortRow, node: NodeRow) =>
    `Cannot update hardware address for port ${port.uuid} as node ${node.uuid} is active or has instance UUID assigned`

  it.each<[string, Partial<NodeRow>, Partial<PortRow>, typeof wired | typeof address | null]>([
    ['a name at any time', { provisionState: 'active' }, { name: 'n1' }, null],
    ['the address when free', { provisionState: 'available' }, { address: mac() }, null],
    ['the address in use', { provisionState: 'active' }, { address: mac() }, address],
    [
      'the address with an instance',
      { provisionState: 'available', instanceUuid: randomUUID() },
      { address: mac() },
      address,
    ],
    [
      'the address in maintenance',
      { provisionState: 'active', maintenance: true },
      { address: mac() },
      null,
    ],
    ['the wiring when available', { provisionState: 'available' }, { pxeEnabled: false }, wired],
    ['the wiring when active', { provisionState: 'active' }, { physicalNetwork: 'p' }, wired],
    ['the wiring as it is', { provisionState: 'active' }, { pxeEnabled: true }, null],
    ['the wiring when inspecting', { provisionState: 'inspect wait' }, { pxeEnabled: false }, null],
    [
      'the wiring in maintenance',
      { provisionState: 'active', maintenance: true },
      { localLinkConnection: { a: 1 } },
      null,
    ],
  ])('judges %s', async (_scenario, nodeValues, changes, refusal) => {
    const node = await bed.node(nodeValues)
    const port = await addPort(node)
    const text = await textOf(updatePort(bed.ctx, someone, port, changes))
    expect(text).toBe(refusal?.(port, node, node.provisionState) ?? 'no error')
    const [stored] = await bed.ctx.db.orm.select().from(ports).where(eq(ports.id, port.id))
    expect(stored).toMatchObject(refusal === null ? changes : { updatedAt: null })
  })

  it('takes the lock and asks the network interface', async () => {
    const locked = await bed.node({ reservation: 'elsewhere' })
    const port = await addPort(locked)
    expect(await statusOf(updatePort(bed.ctx, someone, port, { name: 'x1' }))).toBe(409)
    const node = await bed.node({ networkInterface: 'strict' })
    const other = await addPort(node, { name: 'before' })
    expect(await textOf(updatePort(bed.ctx, someone, other, { name: 'forbidden' }))).toBe(
      'no before',
    )
  })

  it('into a group checks the physical network', async () => {
    const node = await bed.node()
    const group = await addGroup(node, { physicalNetwork: 'p1' })
    const port = await addPort(node, { physicalNetwork: 'p2' })
    const join = { portgroupId: group.id }
    expect(await statusOf(updatePort(bed.ctx, someone, port, join))).toBe(409)
    const moved = await updatePort(bed.ctx, someone, port, { ...join, physicalNetwork: 'p1' })
    expect(moved.portgroupId).toBe(group.id)
  })

  it('marks the time only when something changed', async () => {
    const port = await addPort(await bed.node())
    const same = await updatePort(bed.ctx, someone, port, { address: port.address })
    expect(same.updatedAt).toBeNull()
    const changed = await updatePort(bed.ctx, someone, port, { extra: { a: 1 } })
    expect(changed.updatedAt).toEqual(bed.ctx.clock.now())
  })
})

describe('removing a port', () => {
  it('refuses one that carries a VIF, unless in maintenance', async () => {
    const { ctx } = bed
    const node = await bed.node({ networkInterface: 'strict' })
    const port = await addPort(node, { internalInfo: { tenant_vif_port_id: 'v1' } })
    expect(await textOf(destroyPort(ctx, someone, port))).toBe(
      `Cannot delete the port ${port.uuid} as it is bound to VIF v1 for use.`,
    )
    const mended = await bed.node({ networkInterface: 'strict', maintenance: true })
    const free = await addPort(mended, { internalInfo: { tenant_vif_port_id: 'v1' } })
    await destroyPort(ctx, someone, free)
    expect(await statusOf(destroyPort(ctx, someone, free))).toBe(404)
  })

  it('asks nothing of a network that carries none', async () => {
    const port = await addPort(await bed.node({ provisionState: 'active' }), {
      internalInfo: { tenant_vif_port_id: 'v1' },
    })
    await expect(destroyPort(bed.ctx, someone, port)).resolves.toBeUndefined()
  })
})

describe('port groups', () => {
  it('change in any state, but move only when free and empty', async () => {
    const { ctx } = bed
    const node = await bed.node({ provisionState: 'active' })
    const group = await addGroup(node)
    expect(await updatePortgroup(ctx, someone, group, { mode: '802.3ad' })).toMatchObject({
      mode: '802.3ad',
    })
    const active = await bed.node({ provisionState: 'active' })
    expect(await textOf(updatePortgroup(ctx, someone, group, { nodeId: active.id }))).toBe(
      `Portgroup ${group.uuid} can not be associated to node ${active.uuid} unless the node is in a enroll, inspecting, inspect wait, manageable state or in maintenance mode. Current state is 'active'.`,
    )
    const free = await bed.node()
    await addPort(node, { portgroupId: group.id })
    expect(await textOf(updatePortgroup(ctx, someone, group, { nodeId: free.id }))).toBe(
      `Portgroup ${group.uuid} can not be associated with node ${free.uuid} because there are ports associated with this portgroup.`,
    )
  })

  it('name what is taken', async () => {
    const { ctx } = bed
    const node = await bed.node()
    await addGroup(node, { name: 'bond0', address: '52:54:00:00:01:01' })
    const group = await addGroup(node)
    expect(await textOf(updatePortgroup(ctx, someone, group, { name: 'bond0' }))).toBe(
      'A portgroup with name bond0 already exists.',
    )
    expect(
      await textOf(updatePortgroup(ctx, someone, group, { address: '52:54:00:00:01:01' })),
    ).toBe('A portgroup with MAC address 52:54:00:00:01:01 already exists.')
  })

  it('go when they are empty', async () => {
    const { ctx } = bed
    const node = await bed.node({ provisionState: 'active' })
    const group = await addGroup(node)
    const port = await addPort(node, { portgroupId: group.id })
    expect(await textOf(destroyPortgroup(ctx, someone, group))).toBe(
      `Cannot complete the requested action because portgroup ${group.id} contains ports.`,
    )
    await destroyPort(ctx, someone, port)
    await destroyPortgroup(ctx, someone, group)
    expect(await statusOf(destroyPortgroup(ctx, someone, group))).toBe(404)
  })

  it('take their ports into a physical network', async () => {
    const node = await bed.node()
    const group = await addGroup(node)
    const port = await addPort(node, { portgroupId: group.id })
    const moved = await setPortgroupPhysicalNetwork(bed.ctx, someone, group, 'p9')
    expect(moved.physicalNetwork).toBe('p9')
    const [member] = await bed.ctx.db.orm.select().from(ports).where(eq(ports.id, port.id))
    expect(member?.physicalNetwork).toBe('p9')
  })
})

describe('VIFs', () => {
  it('are attached, listed and detached', async () => {
    const { ctx } = bed
    const { uuid } = await bed.node({ provisionState: 'active', maintenance: true })
    await attachVif(ctx, someone, uuid, { id: 'v1' })
    await detachVif(ctx, someone, uuid, 'v1')
    expect(await listVifs(ctx, someone, uuid)).toEqual([])
  })

  it('that cannot be leave a history row and no last_error', async () => {
    const { ctx } = bed
    const { id, uuid } = await bed.node({
      networkInterface: 'strict',
      provisionState: 'manageable',
    })
    expect(await listVifs(ctx, someone, uuid)).toEqual([{ id: 'v1' }])
    expect(await textOf(attachVif(ctx, someone, uuid, { id: 'v1' }))).toBe('taken')
    expect(await textOf(detachVif(ctx, someone, uuid, 'v1'))).toBe('not attached')
    const rows = await ctx.db.orm.select().from(nodeHistory).where(eq(nodeHistory.nodeId, id))
    expect(rows.map((r) => [r.event, r.eventType])).toEqual([
      [`Failed to attach VIF v1 to node ${uuid}. Error: taken`, 'manageable'],
      [`Failed to detach VIF v1 from node ${uuid}, Error: not attached`, 'manageable'],
    ])
    expect(await nodeOf(ctx, id)).toMatchObject({ lastError: null, reservation: null })
  })
})
