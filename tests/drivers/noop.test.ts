import { describe, expect, it } from 'vitest'
import { UnsupportedDriverExtension } from '../../src/errors.js'
import type { NodeRow } from '../../src/db/rows.js'
import { testTask, type TestTask } from './_util/task.js'

const bare: Partial<NodeRow> = {
  driver: 'manual-management',
  biosInterface: 'no-bios',
  consoleInterface: 'no-console',
  firmwareInterface: 'no-firmware',
  inspectInterface: 'no-inspect',
  raidInterface: 'no-raid',
  rescueInterface: 'no-rescue',
  vendorInterface: 'no-vendor',
}

describe('interfaces that are not there', () => {
  it.each<[string, (task: TestTask) => Promise<unknown>]>([
    ['bios', (t) => t.driver.bios.validate(t)],
    ['console', (t) => t.driver.console.validate(t)],
    ['console', (t) => t.driver.console.startConsole(t)],
    ['console', (t) => t.driver.console.stopConsole(t)],
    ['console', (t) => t.driver.console.getConsole(t)],
    ['firmware', (t) => t.driver.firmware.validate(t)],
    ['inspect', (t) => t.driver.inspect.validate(t)],
    ['inspect', (t) => t.driver.inspect.inspectHardware(t)],
    ['raid', (t) => t.driver.raid.validate(t)],
    ['raid', (t) => t.driver.raid.validateRaidConfig(t, {})],
    ['rescue', (t) => t.driver.rescue.validate(t)],
    ['rescue', (t) => t.driver.rescue.rescue(t)],
    ['rescue', (t) => t.driver.rescue.unrescue(t)],
    ['vendor', (t) => t.driver.vendor.validate(t)],
    ['vendor', (t) => t.driver.vendor.validateMethod(t, 'x', {})],
  ])('refuse %s', async (extension, operation) => {
    const task = await testTask({ node: bare })
    const refusal = operation(task)
    await expect(refusal).rejects.toThrow(
      `Driver manual-management does not support ${extension} (disabled or not implemented).`,
    )
    await expect(refusal).rejects.toBeInstanceOf(UnsupportedDriverExtension)
  })

  it('stay quiet where every node is asked', async () => {
    const task = await testTask({ node: bare })
    await expect(task.driver.bios.cacheBiosSettings(task)).resolves.toBeUndefined()
    await expect(task.driver.firmware.cacheFirmwareComponents(task)).resolves.toBeUndefined()
    await expect(task.driver.rescue.cleanUp(task)).resolves.toBeUndefined()
    expect(Object.keys(task.driver.raid.logicalDiskProperties())).toHaveLength(10)
    expect(task.driver.vendor.nodeMethods).toEqual({})
  })
})

describe('noop', () => {
  it('management takes the boot order as it is', async () => {
    const task = await testTask({ node: bare })
    const { management } = task.driver
    expect(management.name).toBe('noop')
    expect(await management.supportedBootDevices(task)).toEqual(['pxe', 'disk'])
    expect(await management.getBootDevice(task)).toEqual({ boot_device: 'pxe', persistent: true })
    await expect(management.setBootDevice(task, 'disk', true)).resolves.toBeUndefined()
    await expect(management.setBootDevice(task, 'cdrom', true)).rejects.toThrow(
      'Invalid boot device cdrom specified, supported are pxe, disk.',
    )
    expect(management).not.toHaveProperty('getSensorsData')
  })

  it('deployment has one step that does nothing', async () => {
    const config = {
      DEFAULT: {
        enabled_hardware_types: ['fake-hardware'],
        enabled_deploy_interfaces: ['fake', 'noop'],
      },
    }
    const task = await testTask({ config, node: { deployInterface: 'noop' } })
    const { deploy } = task.driver
    expect(deploy.steps?.map((s) => [s.step, s.priority])).toEqual([['deploy', 100]])
    expect(await deploy.steps?.[0]?.run(task, {})).toBeUndefined()
    await expect(deploy.validate(task)).resolves.toBeUndefined()
    await expect(deploy.prepareCleaning(task)).resolves.toBeUndefined()
  })

  it('network never carries a VIF', async () => {
    const task = await testTask({ node: bare })
    const { network } = task.driver
    await expect(network.vifAttach(task, { id: 'x' })).resolves.toBeUndefined()
    expect(await network.vifList(task)).toEqual([])
    expect(network).not.toHaveProperty('currentVif')
    await expect(network.validateInspection?.(task)).resolves.toBeUndefined()
  })
})

describe('power by the agent', () => {
  const now = new Date('2026-01-01T00:10:00Z')
  const alive = {
    ...bare,
    powerInterface: 'agent',
    driverInfo: { fast_track: 'true' },
    driverInternalInfo: {
      agent_url: 'http://192.0.2.1:9999',
      agent_last_heartbeat: '2026-01-01T00:08:00.123456',
    },
  }

  it('needs fast track', async () => {
    const task = await testTask({ node: { ...alive, driverInfo: {} }, now })
    await expect(task.driver.power.validate(task)).rejects.toThrow(
      'Fast track mode must be enabled to use the agent power interface',
    )
  })

  it('names a fast_track that is no truth value', async () => {
    const task = await testTask({ node: { ...alive, driverInfo: { fast_track: 'x' } }, now })
    await expect(task.driver.power.validate(task)).rejects.toThrow(
      "Invalid value of fast_track: Unrecognized value 'x', acceptable values are: '0', '1', 'f', 'false', 'n', 'no', 'off', 'on', 't', 'true', 'y', 'yes'",
    )
  })

  it('sees a machine whose agent was heard of', async () => {
    const task = await testTask({ node: alive, now })
    await expect(task.driver.power.validate(task)).resolves.toBeUndefined()
    expect(await task.driver.power.getPowerState(task)).toBe('power on')
    expect(task.driver.power.supportedPowerStates(task)).toEqual(['rebooting', 'soft rebooting'])
    expect(task.driver.power.supportsPowerSync).toBe(false)
  })

  it.each([
    ['silent too long', { agent_url: 'x', agent_last_heartbeat: '2026-01-01T00:01:00' }],
    ['without an address', { agent_last_heartbeat: '2026-01-01T00:09:00' }],
    ['never heard of', { agent_url: 'x' }],
  ])('does not see one %s', async (_scenario, driverInternalInfo) => {
    const task = await testTask({ node: { ...alive, driverInternalInfo }, now })
    expect(await task.driver.power.getPowerState(task)).toBeNull()
    await expect(task.driver.power.validate(task)).rejects.toThrow(
      `Agent seems offline for node ${task.node.uuid}, the agent power interface cannot be used`,
    )
  })
})
