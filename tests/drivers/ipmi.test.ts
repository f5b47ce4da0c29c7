// The IPMI implementations against a BMC of our own that writes down every command.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/clock.js'
import type { MutableNode } from '../../src/drivers/interfaces.js'
import { IpmiResponder, type SeenCommand } from '../_util/ipmi-responder.js'
import { UdpProxy } from '../_util/udp-proxy.js'
import { testTask, type TestTask } from './_util/task.js'

let bmc: IpmiResponder
const tasks: TestTask[] = []
beforeEach(async () => {
  bmc = await IpmiResponder.start()
})
afterEach(async () => {
  for (const task of tasks.splice(0)) await task.ctx.services.close()
  await bmc[Symbol.asyncDispose]()
})

const enabled = { DEFAULT: { enabled_hardware_types: ['ipmi', 'intel-ipmi'] } }

async function taskOn(
  node: Partial<MutableNode> = {},
  ipmi: { min_command_interval?: number; command_retry_timeout?: number } = {},
  port = bmc.port,
): Promise<TestTask> {
  const { driverInfo, ...rest } = node
  const access = { ipmi_address: '127.0.0.1', ipmi_username: 'admin', ipmi_password: 'secret' }
  const task = await testTask({
    node: { driver: 'ipmi', driverInfo: { ...access, ipmi_port: port, ...driverInfo }, ...rest },
    config: { ...enabled, ipmi: { min_command_interval: 0, ...ipmi } },
    ctx: { clock: systemClock },
  })
  tasks.push(task)
  return task
}

const isHandshake = ({ netFn, command }: SeenCommand) =>
  netFn === 6 && [0x38, 0x54, 0x3b, 0x3c].includes(command)
const commands = () =>
  bmc.seen
    .filter((one) => !isHandshake(one))
    .map(({ netFn, command, data }) => `${netFn}/${command} ${data.toString('hex')}`.trim())

describe('the boot device', () => {
  it.each([
    ['pxe', true, 'uefi', {}, '05e004000000'],
    ['disk', false, 'uefi', {}, '05a008000000'],
    ['disk', true, 'uefi', { vendor: 'Supermicro' }, '05e024000000'],
    ['disk', true, 'bios', { vendor: 'Supermicro' }, '05c008000000'],
    ['cdrom', false, 'bios', {}, '058014000000'],
    ['bios', false, 'uefi', {}, '05a018000000'],
    ['safe', false, 'uefi', {}, '05a00c000000'],
  ])('%s, persistent %s, %s, %j', async (device, persistent, mode, properties, flags) => {
    const capabilities = { capabilities: `boot_mode:${mode}` }
    const task = await taskOn({ properties: { ...properties, ...capabilities } })
    await task.driver.management.setBootDevice(task, device, persistent)
    const ack = mode === 'bios' ? ['0/8 040101'] : []
    expect(commands()).toEqual(['0/8 0308', ...ack, `0/8 ${flags}`])
    const seen = await task.driver.management.getBootDevice(task)
    const known = flags.includes('24') ? null : device
    expect(seen).toEqual({ boot_device: known, persistent })
  })

  it('is told again before every start where the BMC forgets it', async () => {
    const task = await taskOn({ driverInfo: { ipmi_force_boot_device: 'true' } })
    await task.driver.management.setBootDevice(task, 'pxe', true)
    expect(bmc.bootFlags.toString('hex')).toBe('a004000000')
    expect(task.node.driverInternalInfo).toMatchObject({ persistent_boot_device: 'pxe' })
    for (let time = 0; time < 2; time += 1) {
      bmc.bootFlags = Buffer.alloc(5)
      await task.driver.power.setPowerState(task, 'power on')
      expect(bmc.bootFlags.toString('hex')).toBe('a004000000')
    }
    expect(await task.driver.management.getBootDevice(task)).toEqual({
      boot_device: 'pxe',
      persistent: true,
    })
  })

  it('is not protected from the time-out where the node says so', async () => {
    const task = await taskOn({ driverInfo: { ipmi_disable_boot_timeout: 'false' } })
    await task.driver.management.setBootDevice(task, 'pxe', false)
    expect(commands()).toEqual(['0/8 05a004000000'])
  })
})

it('does not switch softly off what may not be switched off', async () => {
  const task = await taskOn({ disablePowerOff: true })
  const soft = task.driver.power.setPowerState(task, 'soft rebooting')
  await expect(soft).rejects.toThrow('does not support feature soft power off')
  expect(commands()).toEqual([])
})

describe('what cannot be done', () => {
  it('names command, BMC and answer, and no password', async () => {
    const task = await taskOn({ driverInfo: { ipmi_password: 'not-the-one' } })
    const work = task.driver.power.getPowerState(task)
    await expect(work).rejects.toThrow(
      `IPMI call failed: power status. BMC ipmi://127.0.0.1:${bmc.port}: the BMC knows another password for this user`,
    )
  })

  it('sets a Speed Select level for each socket, and says where it failed', async () => {
    const task = await taskOn({ driver: 'intel-ipmi' })
    const step = task.driver.management.steps?.find(
      (one) => one.step === 'configure_intel_speedselect',
    )
    const args = { intel_speedselect_config: '0x02', socket_count: 2 }
    await expect(step?.run(task, args)).rejects.toThrow(
      'Failed to set Intel SST-PP configuration level 0x02 on socket number 0 due to reason IPMI call failed: raw 0x2c 0x41 0x04 0x00 0x00 0x02.',
    )
    expect(commands()).toEqual(['44/65 04000002'])
    await expect(step?.run(task, { intel_speedselect_config: '7' })).rejects.toThrow(
      'Invalid Intel SST-PP configuration value 7 specified.',
    )
  })
})

it('sends an NMI, resets the BMC and knows its maker', async () => {
  const task = await taskOn()
  await task.driver.management.injectNmi?.(task)
  expect(commands()).toEqual(['0/2 04'])
  expect(await task.driver.management.detectVendor?.(task)).toBe('supermicro')
  const reset = task.driver.vendor.nodeMethods['bmc_reset']
  await expect(reset?.run(task, { warm: 'false' }, 'POST')).rejects.toThrow(
    'IPMI call failed: bmc reset cold.',
  )
  expect(commands().at(-1)).toBe('6/2')
})

it('no BMC sees two commands at once, nor two operations closer than the interval', async () => {
  await using proxy = await UdpProxy.start(bmc.port)
  const task = await taskOn({}, { min_command_interval: 1 }, proxy.port)
  const { power, management } = task.driver
  await Promise.all([
    power.getPowerState(task),
    management.injectNmi?.(task),
    power.getPowerState(task),
    management.getBootDevice(task),
  ])
  let waiting = 0
  const mostWaiting = Math.max(...proxy.passed.map(({ to }) => (waiting += to === 'bmc' ? 1 : -1)))
  expect(mostWaiting).toBe(1)
  const times = bmc.seen.filter((one) => !isHandshake(one)).map(({ at }) => at)
  expect(times).toHaveLength(4)
  for (let i = 1; i < times.length; i += 1) {
    expect((times[i] ?? 0) - (times[i - 1] ?? 0)).toBeGreaterThan(995)
  }
})
