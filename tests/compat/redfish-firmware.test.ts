// Firmware updates in real flows against sushy-tools' emulator: what happens between the start of an
// update and its end, with tasks, faults and restarts of the conductor in between.
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { interfacePeriodics } from '../../src/conductor/periodic/interfaces.js'
import type { JsonObject } from '../../src/db/columns.js'
import type { NodeRow } from '../../src/db/rows.js'
import { firmwareInformation } from '../../src/db/schema/index.js'
import { agentBed } from '../agent/_util/bed.js'
import { PatientClock } from '../conductor/_clock.js'
import { noSignal } from '../conductor/_harness.js'
import { faultProxy, type Fault, type FaultProxy } from '../_util/fault-proxy.js'
import { servePeers, type Peers } from '../_util/peers/serve.js'
import { bedOf, systemPath } from './redfish/bed.js'

const bed = agentBed(
  {
    DEFAULT: {
      // Only what a hardware type lists is looked after again and again.
      enabled_hardware_types: ['fake-hardware', 'redfish'],
      enabled_boot_interfaces: ['fake', 'sim', 'ipxe'],
      enabled_firmware_interfaces: ['redfish', 'no-firmware', 'fake'],
      enabled_management_interfaces: ['noop', 'fake', 'redfish'],
      enabled_power_interfaces: ['sim', 'fake', 'redfish'],
    },
    redfish: { connection_attempts: 1 },
  },
  new PatientClock(),
)
let peers: Peers
let proxy: FaultProxy
/** The machine through the proxy. */
let bmc: ReturnType<typeof bedOf>
/** How the service's task stands; undefined: as the emulator has it, which is done. */
let task: Fault | undefined
/** What else is not as the emulator has it, by path. */
let others: Record<string, Fault> = {}

beforeAll(async () => {
  peers = await servePeers(['redfish-emulator'])
  const [peer] = peers.peers
  proxy = await faultProxy(peer?.url ?? '')
  bmc = bedOf(proxy.url, { username: peer?.username ?? '', password: peer?.password ?? '' })
}, 300_000)
afterAll(async () => {
  await proxy[Symbol.asyncDispose]()
  await peers[Symbol.asyncDispose]()
})
beforeEach(() => {
  task = undefined
  others = {}
  proxy.use((_method, path) => (path.includes('/TaskService/Tasks/') ? task : others[path]))
})

const answer = (json: JsonObject, status = 200): Fault => ({ kind: 'answer', status, body: json })
const running = answer({ TaskState: 'Running', TaskStatus: 'OK' }, 202)
const bios = (url = 'http://images/bios.bin', more = {}) => ({ component: 'bios', url, ...more })

async function updating(...settings: JsonObject[]): Promise<NodeRow> {
  const one = await bed.node({
    provisionState: 'manageable',
    firmwareInterface: 'redfish',
    driverInfo: { redfish_address: proxy.url, ...bmc.account },
  })
  const step = { interface: 'firmware', step: 'update', args: { settings } }
  await bed.verb(one, 'clean', { clean_steps: [step] })
  await bed.turn(one)
  await bed.turn(one)
  return one
}
const updates = (): number => proxy.passed.filter((line) => line.includes('SimpleUpdate')).length
const pending = async (one: NodeRow): Promise<unknown> =>
  (await bed.state(one)).driverInternalInfo?.['redfish_fw_updates']
const version = async (): Promise<unknown> => (await bmc.read())['BiosVersion']

async function look(name = 'firmware redfish: firmware updates'): Promise<void> {
  const found = interfacePeriodics(bed.ctx).find((periodic) => periodic.name === name)
  if (found === undefined) throw new Error(`nothing is called ${name}`)
  await found.run(bed.ctx, noSignal)
  await bed.drain()
}
/** The conductor is gone; another takes its place and looks. */
async function lookElsewhere(): Promise<void> {
  await bed.takenOver()
  await look()
}
const next = (version: string): string =>
  version.replace(/\.(\d+)\./, (_all, minor) => `.${Number(minor) + 1}.`)

describe('an update', () => {
  it('goes on with another conductor at each look, restarts the machine once, and is seen', async () => {
    const before = String(await version())
    task = running
    const one = await updating(bios())
    expect((await bed.state(one)).provisionState).toBe('clean wait')
    const asked = updates()
    const boots = bed.machine(one).booted.length
    await lookElsewhere()
    await lookElsewhere()
    expect(bed.machine(one).booted.length).toBe(boots + 1)
    expect((await bed.state(one)).provisionState).toBe('clean wait')
    task = undefined
    await lookElsewhere()
    const done = await bed.until(one, 'manageable')
    expect(done.lastError).toBeNull()
    expect(done.driverInternalInfo).not.toHaveProperty('redfish_fw_updates')
    expect(updates()).toBe(asked)
    expect(await version()).toBe(next(before))
    const rows = await bed.db.orm
      .select()
      .from(firmwareInformation)
      .where(eq(firmwareInformation.nodeId, one.id))
    expect(rows.find((row) => row.component === 'bios')?.currentVersion).toBe(next(before))
  })

  it('is followed by the next one, begun once', async () => {
    const before = String(await version())
    const one = await updating(bios('http://images/1'), bios('http://images/2', { wait: 100 }))
    const asked = updates()
    await look()
    expect(updates() - asked).toBeGreaterThan(0)
    const both = updates()
    await look()
    expect((await bed.state(one)).provisionState).toBe('clean wait')
    expect(await pending(one)).toMatchObject([{ url: 'http://images/2' }])
    bed.ctx.clock.advance(100_000)
    await look()
    expect((await bed.until(one, 'manageable')).lastError).toBeNull()
    expect(updates()).toBe(both)
    expect(await version()).toBe(next(next(before)))
  })

  it('of a BMC is over when its version has changed', async () => {
    task = running
    const manager = `/redfish/v1/Managers/${systemPath.split('/').at(-1) ?? ''}`
    const one = await updating({ component: 'bmc', url: 'http://images/bmc.bin' })
    const boots = bed.machine(one).booted.length
    task = undefined
    await look()
    await look()
    expect((await bed.state(one)).provisionState).toBe('clean wait')
    others[manager] = answer({ ...(await bmc.read(manager)), FirmwareVersion: '9.9.9' })
    await look()
    expect((await bed.until(one, 'manageable')).lastError).toBeNull()
    expect(bed.machine(one).booted.length).toBe(boots)
  })

  it('waits while the BMC is away, cut off or busy with itself', async () => {
    task = running
    const one = await updating(bios())
    for (const fault of [
      answer({}, 503),
      answer({}, 500),
      { kind: 'cut before' },
    ] satisfies Fault[]) {
      task = fault
      await look()
      expect((await bed.state(one)).provisionState).toBe('clean wait')
    }
    task = undefined
    await look()
    expect((await bed.until(one, 'manageable')).lastError).toBeNull()
  })

  it('whose task is forgotten counts as done, if the BMC is stable', async () => {
    task = answer({}, 404)
    const one = await updating(bios())
    await look()
    expect((await bed.until(one, 'manageable')).lastError).toBeNull()
  })
})

describe('an update that fails', () => {
  it('ends the flow with what the task says', async () => {
    task = answer({
      TaskState: 'Exception',
      TaskStatus: 'Critical',
      Messages: [{ Message: 'The image is not signed.' }, { MessageId: 'Update.1.0.VerifyFailed' }],
    })
    const one = await updating(bios('http://images/unsigned'), bios())
    await look()
    const failed = await bed.state(one)
    expect(failed.provisionState).toBe('clean failed')
    expect(failed.lastError).toBe(
      `Firmware update failed for node ${one.uuid}, firmware http://images/unsigned. Error: The image is not signed.,  Update.1.0.VerifyFailed`,
    )
    expect(failed.driverInternalInfo).not.toHaveProperty('redfish_fw_updates')
  })

  it('ends when all updates of the step take too long', async () => {
    task = running
    const one = await updating(bios())
    bed.ctx.clock.advance(7_200_000)
    await look()
    const failed = await bed.state(one)
    expect(failed.provisionState).toBe('clean failed')
    expect(failed.lastError).toMatch(
      /has exceeded the overall timeout of 7200 seconds. Elapsed time: 7\d{3} seconds/,
    )
  })

  it('ends when the BMC does not become stable', async () => {
    const one = await updating(bios())
    others[systemPath] = answer({}, 500)
    await look()
    const failed = await bed.state(one)
    expect(failed.provisionState).toBe('clean failed')
    expect(failed.lastError).toContain('BMC resources failed to stabilize within 480 seconds')
  })

  it('refused by the service fails the step', async () => {
    others['/redfish/v1/UpdateService/Actions/UpdateService.SimpleUpdate'] = answer(
      { error: { code: 'Base.1.0.GeneralError', message: 'the update service is disabled' } },
      503,
    )
    const one = await updating(bios())
    const failed = await bed.state(one)
    expect(failed.provisionState).toBe('clean failed')
    expect(failed.lastError).toContain('the update service is disabled')
    expect(failed.driverInternalInfo).not.toHaveProperty('redfish_fw_updates')
  })

  it('leaves nothing behind of a flow that failed otherwise', async () => {
    const one = await bed.node({
      provisionState: 'clean failed',
      maintenance: true,
      firmwareInterface: 'redfish',
      driverInternalInfo: { redfish_fw_updates: [bios()] },
    })
    await look('firmware redfish: firmware updates of failed flows')
    expect(await pending(one)).toBeUndefined()
  })
})
