// Redfish against sushy-tools' emulator: every operation of the drivers, what faults do to them, and the
// newest `openstack baremetal` through a Ferric, with the machine's state read from the emulator itself.
import { createServer } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { faultProxy, first, type Fault, type FaultProxy } from '../_util/fault-proxy.js'
import { servePeers, type Peers } from '../_util/peers/serve.js'
import { bedOf, systemPath, type Bed } from './redfish/bed.js'
import { walkMachine } from './redfish/walk.js'

let peers: Peers
let proxy: FaultProxy
/** The machine directly, and through the proxy. */
let bed: Bed
let bad: Bed
let images: { url: string; close: () => Promise<void> }

async function imageServer(): Promise<typeof images> {
  const server = createServer((_request, answer) => answer.end(Buffer.alloc(2048)))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

beforeAll(async () => {
  peers = await servePeers(['redfish-emulator'])
  const [peer] = peers.peers
  const account = { username: peer?.username ?? '', password: peer?.password ?? '' }
  proxy = await faultProxy(peer?.url ?? '')
  bed = bedOf(peer?.url ?? '', account)
  bad = bedOf(proxy.url, account)
  images = await imageServer()
}, 300_000)

afterAll(async () => {
  await images.close()
  await proxy[Symbol.asyncDispose]()
  await peers[Symbol.asyncDispose]()
})

const power = async (): Promise<unknown> => (await bed.read())['PowerState']
const boot = async (): Promise<Record<string, unknown>> =>
  (await bed.read())['Boot'] as Record<string, unknown>

describe('operations', () => {
  it('switches, restarts and reads power', async () => {
    const task = await bed.task()
    const driver = task.driver.power
    await driver.setPowerState(task, 'power on')
    expect(await power()).toBe('On')
    expect(await driver.getPowerState(task)).toBe('power on')
    await driver.setPowerState(task, 'soft rebooting')
    expect(await power()).toBe('On')
    await driver.setPowerState(task, 'soft power off')
    expect(await power()).toBe('Off')
    await driver.reboot(task)
    expect(await power()).toBe('On')
    await driver.setPowerState(task, 'power off')
    expect(await power()).toBe('Off')
  })

  it.each([
    ['pxe', 'Pxe'],
    ['cdrom', 'Cd'],
    ['disk', 'Hdd'],
  ])('boots from %s', async (device, target) => {
    const task = await bed.task()
    await task.driver.management.setBootDevice(task, device, true)
    expect((await boot())['BootSourceOverrideTarget']).toBe(target)
    const read = await task.driver.management.getBootDevice(task)
    expect(read).toEqual({ boot_device: device, persistent: true })
  })

  it('refuses a boot device the BMC says it has not, before asking it', async () => {
    const task = await bed.task()
    await expect(task.driver.management.setBootDevice(task, 'bios', false)).rejects.toThrow(
      `Redfish set boot device failed for node ${task.node.uuid}. Error: The parameter "target" value "BiosSetup" is invalid. Valid values are: Pxe, Cd, Hdd, UefiHttp`,
    )
  })

  it('sets boot mode and secure boot', async () => {
    const task = await bed.task()
    const { management } = task.driver
    await management.setBootMode?.(task, 'bios')
    expect((await boot())['BootSourceOverrideMode']).toBe('Legacy')
    await expect(management.setSecureBootState?.(task, true)).rejects.toThrow('requires UEFI')
    await management.setBootMode?.(task, 'uefi')
    expect(await management.getBootMode?.(task)).toBe('uefi')
    await management.setSecureBootState?.(task, true)
    expect((await bed.read(`${systemPath}/SecureBoot`))['SecureBootEnable']).toBe(true)
    expect(await management.getSecureBootState?.(task)).toBe(true)
    await management.setSecureBootState?.(task, false)
    expect((await bed.read(`${systemPath}/SecureBoot`))['SecureBootEnable']).toBe(false)
  })

  it('lights LEDs', async () => {
    const task = await bed.task()
    const { management } = task.driver
    const all = (await management.supportedIndicators?.(task)) ?? {}
    const [led] = Object.keys(all['system'] ?? {})
    await management.setIndicatorState?.(task, 'system', led ?? '', 'blinking')
    expect((await bed.read())['IndicatorLED']).toBe('Blinking')
    expect(await management.getIndicatorState?.(task, 'system', led ?? '')).toBe('blinking')
    await expect(management.getIndicatorState?.(task, 'system', 'none')).rejects.toThrow(
      'Unknown indicator none for component system',
    )
  })

  it('reads vendor, health, addresses, sensors; injects an NMI; sets the clock', async () => {
    const task = await bed.task()
    const { management } = task.driver
    expect(await management.detectVendor?.(task)).toBe('Sushy Emulator')
    expect(await management.getHealth?.(task)).toBe('OK')
    expect(await management.getMacAddresses?.(task)).toEqual([
      '00:5c:52:31:3a:9c',
      '00:5c:52:31:3a:9d',
    ])
    const sensors = (await management.getSensorsData?.(task)) ?? {}
    expect(Object.keys(sensors['Fan'] as object)).toHaveLength(2)
    expect(Object.keys(sensors['Drive'] as object)).toHaveLength(2)
    await management.injectNmi?.(task)
    const clock = management.steps?.find((s) => s.step === 'set_bmc_clock')
    const asked = { target_datetime: '2030-01-02T03:04:05+00:00', datetime_local_offset: '+00:00' }
    await clock?.run(task, asked)
  })

  it('inserts images, seen by the BMC, and ejects them', async () => {
    const task = await bed.task()
    const { management } = task.driver
    const cd = `${systemPath}/VirtualMedia/Cd`
    await management.attachVirtualMedia?.(task, 'cdrom', `${images.url}/first.iso`)
    expect(await bed.read(cd)).toMatchObject({ Inserted: true, Image: `${images.url}/first.iso` })
    await management.attachVirtualMedia?.(task, 'cdrom', `${images.url}/second.iso`)
    expect(await bed.read(cd)).toMatchObject({ Inserted: true, Image: `${images.url}/second.iso` })
    const listed = await management.getVirtualMedia?.(task)
    expect(listed?.filter((m) => m['inserted'])).toHaveLength(1)
    await management.detachVirtualMedia?.(task, ['cdrom'])
    expect((await bed.read(cd))['Inserted']).toBe(false)
  })

  it('says why an image could not be inserted', async () => {
    const task = await bed.task()
    const attach = task.driver.management.attachVirtualMedia?.(
      task,
      'cdrom',
      'http://127.0.0.1:1/x',
    )
    await expect(attach).rejects.toThrow(
      `Virtual media mount failed for node ${task.node.uuid} with image http://127.0.0.1:1/x`,
    )
  }, 60_000)

  it('has no events to subscribe to where the BMC has none', async () => {
    const task = await bed.task()
    const method = task.driver.vendor.nodeMethods['get_all_subscriptions']
    await expect(method?.run(task, {}, 'GET')).rejects.toThrow('EventService/@odata.id')
  })

  it('refuses a wrong password without trying it again and again', async () => {
    proxy.use(() => undefined)
    const task = await bad.task({}, { redfish_password: 'wrong' })
    await expect(task.driver.power.getPowerState(task)).rejects.toThrow(
      'Redfish exception occurred',
    )
    expect(proxy.seen.length).toBeLessThan(5)
  })
})

describe('faults', () => {
  const post = /^POST .*ComputerSystem\.Reset/
  const get = /^GET .*\/Systems\//
  const commands = (): number => proxy.passed.filter((line) => post.test(line)).length
  const answer = (status: number, headers: Record<string, string> = {}, text = 'no'): Fault => ({
    kind: 'answer',
    status,
    headers,
    body: { error: { code: 'Base.1.0.GeneralError', message: text } },
  })
  const off = async (): Promise<void> => {
    proxy.use(() => undefined)
    const task = await bed.task()
    await task.driver.power.setPowerState(task, 'power off')
  }

  it.each<[string, Fault[]]>([
    ['503 with Retry-After', [answer(503, { 'Retry-After': '1' })]],
    ['500', [answer(500), answer(500)]],
    ['a cut connection', [{ kind: 'cut before' }, { kind: 'cut after' }]],
    ['a slow answer', [{ kind: 'slow', ms: 1500 }]],
  ])('reading survives %s', async (_name, faults) => {
    await off()
    proxy.use(first(get, ...faults))
    const task = await bad.task()
    expect(await task.driver.power.getPowerState(task)).toBe('power off')
  })

  it('reading ends in bounded time when the BMC says nothing, or never ends', async () => {
    proxy.use((method) => (method === 'GET' ? { kind: 'drip' } : undefined))
    const task = await bad.task()
    const began = Date.now()
    await expect(task.driver.power.getPowerState(task)).rejects.toThrow('Redfish connection failed')
    expect(Date.now() - began).toBeLessThan(20_000)
  }, 40_000)

  it.each<[string, Fault]>([
    ['503 with Retry-After', answer(503, { 'Retry-After': '1' })],
    ['a connection cut after the BMC heard', { kind: 'cut after' }],
    ['a slow answer', { kind: 'slow', ms: 2000 }],
  ])('power on, and %s: the machine is on, by one command', async (_name, fault) => {
    await off()
    proxy.use(first(post, fault))
    const task = await bad.task()
    await task.driver.power.setPowerState(task, 'power on', 4)
    expect(commands()).toBe(1)
    expect(await power()).toBe('On')
  })

  it('power on, and a connection cut before the BMC heard: an error, and no command', async () => {
    await off()
    proxy.use(first(post, { kind: 'cut before' }))
    const task = await bad.task()
    await expect(task.driver.power.setPowerState(task, 'power on', 4)).rejects.toThrow(
      'Setting power state to power on failed',
    )
    expect(commands()).toBe(0)
    expect(await power()).toBe('Off')
  })

  it.each([409, 412, 500])('power on refused with %i is an error, sent once', async (status) => {
    await off()
    proxy.use((method, path) =>
      post.test(`${method} ${path}`) ? answer(status, {}, 'not now') : undefined,
    )
    const task = await bad.task()
    await expect(task.driver.power.setPowerState(task, 'power on')).rejects.toThrow(
      `Setting power state to power on failed for node ${task.node.uuid}. Error: HTTP POST`,
    )
    expect(proxy.seen.filter((line) => post.test(line))).toHaveLength(1)
    expect(await power()).toBe('Off')
  })

  it('a refusal because it is done already is no error', async () => {
    await off()
    proxy.use(first(post, answer(409, {}, 'already powered off')))
    const task = await bad.task()
    await task.driver.power.setPowerState(task, 'power off')
    expect(commands()).toBe(0)
  })

  it('power on is tried again while the BMC settles (ActionParameterValueConflict)', async () => {
    await off()
    proxy.use(first(post, answer(409, {}, 'ActionParameterValueConflict')))
    const task = await bad.task()
    await task.driver.power.setPowerState(task, 'power on')
    expect(commands()).toBe(1)
  }, 40_000)

  it('a changed resource (412) is read again and changed then', async () => {
    const tagged = { kind: 'answer', status: 412 } as const
    proxy.use(first(/^PATCH /, tagged))
    const task = await bad.task()
    const set = task.driver.management.setBootDevice(task, 'pxe', true)
    // The emulator's resources carry no tags, so there is nothing to match: the refusal stands.
    await expect(set).rejects.toThrow('returned code 412')
  })

  it('Continuous refused becomes Once, told again before each start', async () => {
    await off()
    // The emulator always shows Continuous; this BMC shows Once, so that there is something to change.
    const task = await bad.task({ properties: { vendor: 'Supermicro' } })
    proxy.use(first(/^PATCH /, answer(400, {}, 'Continuous is not supported')))
    await task.driver.management.setBootDevice(task, 'pxe', true)
    expect(task.node.driverInternalInfo).toMatchObject({ redfish_boot_device: 'pxe' })
    await bed.change('PATCH', systemPath, { Boot: { BootSourceOverrideTarget: 'Hdd' } })
    await task.driver.power.setPowerState(task, 'power on')
    expect((await boot())['BootSourceOverrideTarget']).toBe('Pxe')
  })

  it('shows no password, whatever the BMC says', async () => {
    const task = await bad.task()
    const password = String(task.node.driverInfo?.['redfish_password'])
    proxy.use(first(get, answer(400, {}, `${password} is no good`)))
    await expect(task.driver.power.getPowerState(task)).rejects.toThrow('****** is no good')
  })
})

it('the openstack client takes a machine through its life', async () => {
  expect(await walkMachine(bed, images.url)).not.toContain(bed.account['redfish_password'])
}, 240_000)
