// RAID by Redfish in real flows: a conductor, agents, and DMTF's mock-up with a controller that makes volumes
// at once or in tasks.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { interfacePeriodics } from '../../../src/conductor/periodic/interfaces.js'
import type { JsonObject } from '../../../src/db/columns.js'
import type { NodeRow } from '../../../src/db/rows.js'
import { agentBed } from '../../agent/_util/bed.js'
import { PatientClock } from '../../conductor/_clock.js'
import { workUntilDeath } from '../../conductor/_crash.js'
import { noSignal } from '../../conductor/_harness.js'
import { captured, mockupService, type MockupService } from '../../_util/redfish/mockup-service.js'
import { raidController, type RaidController } from '../../_util/redfish/raid-controller.js'

const bed = agentBed(
  {
    DEFAULT: {
      // Only what a hardware type lists is looked after again and again.
      enabled_hardware_types: ['fake-hardware', 'redfish'],
      enabled_boot_interfaces: ['fake', 'sim', 'ipxe'],
      enabled_management_interfaces: ['noop', 'fake', 'redfish'],
      enabled_power_interfaces: ['sim', 'fake', 'redfish'],
      enabled_raid_interfaces: ['redfish', 'agent', 'no-raid', 'fake'],
    },
    redfish: { connection_attempts: 1 },
  },
  new PatientClock(),
)
const storage = '/redfish/v1/Systems/437XR1138R2/Storage/1'
const drives = ['35D38F11ACEF7BD3', '3F5A8C54207B7233', '32ADF365C6C1B7BD', '3D58ECBC375FD9F2']
const drive = (n: number) => ({ '@odata.id': `${storage}/Drives/${drives[n - 1] ?? ''}` })
const GIB = 1024 ** 3

let service: MockupService
beforeEach(async () => {
  const documents = captured('contoso')
  // The samples lack one of the drives they list; it is as the others.
  const [first, lacking] = drives.map((id) => `${storage}/Drives/${id}`)
  documents.set(lacking ?? '', { ...(documents.get(first ?? '') as object), Id: drives[1] })
  service = await mockupService(documents)
})
afterEach(async () => service[Symbol.asyncDispose]())

/** The controller at work, with those volumes of the mock-up that are named. */
function controller(
  options: Parameters<typeof raidController>[2] = {},
  volumes: number[] = [],
): RaidController {
  const path = `${storage}/Volumes`
  const members = volumes.map((n) => ({ '@odata.id': `${path}/${n}` }))
  const { documents } = service
  documents.set(path, {
    ...(documents.get(path) as object),
    Members: members,
    '@Redfish.OperationApplyTimeSupport': undefined,
  })
  const made = raidController(documents, path, options)
  service.behave(made.behaviour)
  return made
}

const node = (values: Partial<NodeRow> = {}) =>
  bed.node({
    provisionState: 'manageable',
    raidInterface: 'redfish',
    driverInfo: { redfish_address: service.url },
    ...values,
  })
const clean = (one: NodeRow, ...steps: [string, JsonObject?][]) =>
  bed.verb(one, 'clean', {
    clean_steps: steps.map(([step, args]) => ({ interface: 'raid', step, args: args ?? {} })),
  })

/** A round of what looks at RAID tasks, as a conductor with another life would make it. */
async function look(name = 'raid redfish: RAID tasks'): Promise<void> {
  const found = interfacePeriodics(bed.ctx).find((periodic) => periodic.name === name)
  if (found === undefined) throw new Error(`nothing is called ${name}`)
  await found.run(bed.ctx, noSignal)
  await bed.drain()
}
/** The machine comes up with its agent, the controller's tasks end, and the conductor looks. */
async function settle(one: NodeRow, raid: RaidController, fault?: string): Promise<void> {
  await bed.turn(one)
  raid.finish(fault)
  await look()
}

const root = { raid_level: '1', size_gb: 400, is_root_volume: true, volume_name: 'root' }
const data = { raid_level: '1', size_gb: 500 }
const both = { logical_disks: [root, data] }
const createdRoot = JSON.stringify({
  RAIDType: 'RAID1',
  CapacityBytes: 400 * GIB,
  Links: { Drives: [drive(1), drive(2)] },
  Name: 'root',
})
const createdData = JSON.stringify({
  RAIDType: 'RAID1',
  CapacityBytes: 500 * GIB,
  Links: { Drives: [drive(3), drive(4)] },
})
const there = { id: '1', name: 'Virtual Disk 1', controller: '1', size_gb: 837 }
const sizes = (row: NodeRow): unknown =>
  ((row.raidConfig?.['logical_disks'] ?? []) as JsonObject[]).map((disk) => [
    disk['controller'],
    disk['raid_level'],
    disk['size_gb'],
  ])
const whole = [
  ['1', '1', 400],
  ['1', '1', 500],
]

describe('volumes', () => {
  it('are made at once, of free drives of one kind', async () => {
    const raid = controller()
    const one = await node({ targetRaidConfig: both })
    await clean(one, ['create_configuration'])
    const done = await bed.until(one, 'manageable')
    expect(done.lastError).toBeNull()
    expect(raid.asked).toEqual([`POST ${createdRoot}`, `POST ${createdData}`])
    expect(sizes(done)).toEqual(whole)
    expect(done.driverInternalInfo).not.toHaveProperty('raid_configs')
  })

  it('are only the root volume, or only the others', async () => {
    const raid = controller()
    const one = await node({ targetRaidConfig: both })
    await clean(one, ['create_configuration', { create_nonroot_volumes: false }])
    await bed.until(one, 'manageable')
    expect(raid.asked).toEqual([`POST ${createdRoot}`])
    await clean(one, ['create_configuration', { create_root_volume: false }])
    const done = await bed.until(one, 'manageable')
    expect(raid.asked).toEqual([`POST ${createdRoot}`, `POST ${createdData}`])
    expect(sizes(done)).toEqual(whole)
  })

  it('are made one after the other where the machine must start for each, by whoever is alive', async () => {
    const raid = controller({ tasks: true, applyTimes: ['OnReset'] })
    const one = await node({ targetRaidConfig: both })
    await clean(one, ['create_configuration'])
    await bed.turn(one)
    await bed.turn(one)
    const waits = await bed.state(one)
    expect(waits.provisionState).toBe('clean wait')
    expect(raid.asked).toHaveLength(1)
    expect(raid.asked[0]).toContain('"@Redfish.OperationApplyTime":"OnReset"')
    const boots = bed.machine(one).booted.length
    await bed.takenOver()
    await look()
    expect(raid.asked).toHaveLength(1)
    await settle(one, raid)
    expect(raid.asked).toHaveLength(2)
    expect(bed.machine(one).booted.length).toBe(boots + 1)
    await bed.takenOver()
    await settle(one, raid)
    const done = await bed.until(one, 'manageable')
    expect(done.lastError).toBeNull()
    expect(sizes(done)).toEqual(whole)
  })

  it('need no restart when the service does it at once, in tasks', async () => {
    const raid = controller({ tasks: true, applyTimes: ['OnReset', 'Immediate'] })
    const one = await node({ targetRaidConfig: { logical_disks: [root] } })
    await clean(one, ['create_configuration'])
    await bed.turn(one)
    await bed.turn(one)
    expect(raid.asked[0]).toContain('"@Redfish.OperationApplyTime":"Immediate"')
    const boots = bed.machine(one).booted.length
    await settle(one, raid)
    expect(bed.machine(one).booted.length).toBe(boots)
    expect((await bed.until(one, 'manageable')).lastError).toBeNull()
  })

  it('are asked for by their older names where the service knows no others', async () => {
    const raid = controller({ old: true })
    const one = await node({ targetRaidConfig: { logical_disks: [root] } })
    await clean(one, ['create_configuration'])
    const done = await bed.until(one, 'manageable')
    expect(raid.asked).toEqual([
      `POST ${createdRoot.replace('"RAIDType":"RAID1"', '"VolumeType":"Mirrored"')}`,
    ])
    expect(sizes(done)).toContainEqual(['1', '1', 400])
  })

  it('are deleted', async () => {
    const raid = controller({}, [1])
    const one = await node()
    await clean(one, ['delete_configuration'])
    const done = await bed.until(one, 'manageable')
    expect(raid.asked).toEqual(['DELETE 1'])
    expect(done.raidConfig).toMatchObject({ logical_disks: [] })
  })

  it('are deleted first, in tasks, when that is asked for', async () => {
    const raid = controller({ tasks: true, applyTimes: ['OnReset'] }, [1])
    const small = { ...root, size_gb: 300, controller: '1' }
    const one = await node({ targetRaidConfig: { logical_disks: [small] } })
    await clean(one, ['create_configuration', { delete_existing: true }])
    await bed.turn(one)
    await bed.turn(one)
    expect(raid.asked).toEqual(['DELETE 1'])
    await settle(one, raid)
    expect(raid.asked).toHaveLength(2)
    await settle(one, raid)
    const done = await bed.until(one, 'manageable')
    expect(sizes(done)).toEqual([['1', '1', 300]])
  })

  it('are made by a deployment that brings its own configuration', async () => {
    const raid = controller()
    const one = await node({ provisionState: 'available', instanceInfo: bed.image })
    const args = { raid_config: { logical_disks: [root] } }
    const step = { interface: 'raid', step: 'apply_configuration', priority: 90, args }
    await bed.verb(one, 'active', { deploy_steps: [step] })
    const done = await bed.until(one, 'active', 20)
    expect(raid.asked).toEqual([`POST ${createdRoot}`])
    expect(done.targetRaidConfig).toEqual(args.raid_config)
    expect(sizes(done)).toContainEqual(['1', '1', 400])
  })
})

describe('a conductor that dies', () => {
  it.each([1, 2, 3, 4, 5, 6])(
    'at statement %i of making volumes leaves none out and makes none twice',
    async (statement) => {
      const raid = controller()
      const one = await node({ targetRaidConfig: both })
      await clean(one, ['create_configuration'])
      await bed.drain()
      await bed.machine(one).agent!.start()
      await bed.machine(one).agent!.heartbeat()
      expect(await workUntilDeath(bed.ctx, statement, 'unacknowledged')).toBe(true)
      await bed.takenOver()
      const rounds = 4
      for (let i = 0; i < rounds; i++) {
        await look()
        await bed.turn(one)
      }
      const done = await bed.until(one, 'manageable')
      expect(done.lastError).toBeNull()
      expect(raid.asked).toEqual([`POST ${createdRoot}`, `POST ${createdData}`])
      expect(sizes(done)).toEqual(whole)
    },
  )
})

describe('RAID that fails', () => {
  it('ends the flow with what the task says, and shows what there is', async () => {
    const raid = controller({ tasks: true, applyTimes: ['OnReset'] })
    const one = await node({ targetRaidConfig: both })
    await clean(one, ['create_configuration'])
    await bed.turn(one)
    await bed.turn(one)
    await settle(one, raid, 'The drive 2 is foreign.')
    const failed = await bed.state(one)
    expect(failed).toMatchObject({
      provisionState: 'clean failed',
      lastError:
        "Failed RAID configuration tasks: Task /redfish/v1/TaskService/TaskMonitors/1. Message: 'The drive 2 is foreign.'.",
    })
    expect(failed.raidConfig).toMatchObject({ logical_disks: [] })
    expect(failed.driverInternalInfo).not.toHaveProperty('raid_configs')
  })

  it('says what the service refuses', async () => {
    controller()
    service.behave(({ method }) => (method === 'POST' ? { status: 400, json: refusal } : undefined))
    const one = await node({ targetRaidConfig: both })
    await clean(one, ['create_configuration'])
    const failed = await bed.until(one, 'clean failed')
    expect(failed.lastError).toContain('Volumes cannot be made while the machine runs.')
    expect(failed.driverInternalInfo).not.toHaveProperty('raid_configs')
  })

  it.each<[string, JsonObject | null, string]>([
    ['without a target', null, 'has no target RAID configuration'],
    [
      'for all space without naming drives',
      { logical_disks: [{ raid_level: '1', size_gb: 'MAX' }] },
      "'physical_disks' is missing from logical_disk while 'size_gb'='MAX' was requested",
    ],
    [
      'without drives that fit',
      { logical_disks: [{ ...data, disk_type: 'ssd' }] },
      'failed to find matching physical disks for all logical disks',
    ],
    [
      'with hints for drives',
      { logical_disks: [{ ...data, controller: '1', physical_disks: [{}, {}] }] },
      'takes the physical_disks of a logical disk by their ids',
    ],
  ])('does so %s', async (_scenario, targetRaidConfig, text) => {
    const raid = controller()
    const one = await node({ targetRaidConfig })
    await clean(one, ['create_configuration'])
    const failed = await bed.until(one, 'clean failed')
    expect(failed.lastError).toContain(text)
    expect(raid.asked).toEqual([])
  })

  it('waits for a BMC that cannot be reached', async () => {
    const raid = controller({ tasks: true, applyTimes: ['OnReset'] })
    const one = await node({ targetRaidConfig: { logical_disks: [root] } })
    await clean(one, ['create_configuration'])
    await bed.turn(one)
    await bed.turn(one)
    service.behave(() => ({ status: 503 }))
    await look()
    expect((await bed.state(one)).provisionState).toBe('clean wait')
    service.behave(raid.behaviour)
    await settle(one, raid)
    expect((await bed.until(one, 'manageable')).lastError).toBeNull()
  })

  it('is forgotten when the flow failed otherwise', async () => {
    controller({}, [1])
    const work = { operation: 'create', pending: [], task_monitor_uri: ['/x'], known: [] }
    const one = await node({
      provisionState: 'clean failed',
      maintenance: true,
      driverInternalInfo: { raid_configs: { ...work, restart: false, then: null } },
    })
    await look('raid redfish: RAID tasks of failed flows')
    const after = await bed.state(one)
    expect(after.driverInternalInfo).not.toHaveProperty('raid_configs')
    expect(after.raidConfig).toMatchObject({ logical_disks: [there] })
  })
})

const refusal = {
  error: {
    code: 'Base.1.8.GeneralError',
    message: 'Volumes cannot be made while the machine runs.',
  },
}
