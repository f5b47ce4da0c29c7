import { describe, expect, it } from 'vitest'
import type { ConfigOverrides } from '../../src/config/index.js'
import { parseDelay, triangular } from '../../src/drivers/fake-delay.js'
import type { PowerTarget } from '../../src/drivers/interfaces.js'
import { interfaceKinds } from '../../src/drivers/interfaces.js'
import { fakeVendor, fakeVendorMixin } from '../../src/drivers/vendor/fake.js'
import { testTask, type TestTask } from './_util/task.js'

const step = (task: TestTask, kind: keyof TestTask['driver'], name: string) => {
  const found = task.driver[kind].steps?.find((s) => s.step === name)
  if (found === undefined) throw new Error(`no step ${name}`)
  return found
}

describe('fake-hardware', () => {
  it('finds every node valid', async () => {
    const task = await testTask()
    for (const kind of interfaceKinds) {
      await expect(task.driver[kind].validate(task)).resolves.toBeUndefined()
    }
  })

  it('offers the steps upstream has', async () => {
    const { driver } = await testTask()
    const steps = interfaceKinds.flatMap((kind) =>
      (driver[kind].steps ?? []).map((s) => `${s.kind} ${kind}.${s.step} ${s.priority}`),
    )
    expect(steps.toSorted()).toEqual([
      'clean bios.apply_configuration 0',
      'clean bios.cache_bios_settings 0',
      'clean bios.factory_reset 0',
      'clean firmware.update 0',
      'clean vendor.log_passthrough 1',
      'deploy deploy.deploy 100',
      'service vendor.log_passthrough 0',
      'service vendor.trigger_servicewait 0',
    ])
  })

  it('says which steps need a ramdisk and which arguments', async () => {
    const { driver } = await testTask()
    const vendor = driver.vendor.steps?.map((s) => [s.step, s.kind, s.requiresRamdisk])
    expect(vendor).toEqual([
      ['log_passthrough', 'clean', false],
      ['log_passthrough', 'service', false],
      ['trigger_servicewait', 'service', true],
    ])
    expect(driver.bios.steps?.[0]?.argsinfo).toEqual({
      settings: { description: expect.stringContaining('BIOS settings') as string, required: true },
    })
    expect(driver.firmware.steps?.[0]?.argsinfo).toEqual({
      settings: {
        description: expect.stringContaining('Firmware components') as string,
        required: true,
      },
    })
  })

  it('runs its steps at once, and one of them waits', async () => {
    const task = await testTask()
    await expect(step(task, 'deploy', 'deploy').run(task, {})).resolves.toBeUndefined()
    await expect(step(task, 'firmware', 'update').run(task, { settings: [] })).resolves.toBe(
      undefined,
    )
    await expect(step(task, 'vendor', 'log_passthrough').run(task, {})).resolves.toBeUndefined()
    await expect(step(task, 'vendor', 'trigger_servicewait').run(task, {})).resolves.toBe(
      'service wait',
    )
  })
})

describe('fake power', () => {
  it.each<[PowerTarget]>([['power on'], ['power off'], ['soft rebooting'], ['soft power off']])(
    'writes %s into the node as it is',
    async (target) => {
      const task = await testTask()
      await task.driver.power.setPowerState(task, target)
      expect(task.node.powerState).toBe(target)
    },
  )

  it('refuses a target that is not settable', async () => {
    const task = await testTask()
    await expect(task.driver.power.setPowerState(task, 'rebooting')).rejects.toThrow(
      'set_power_state called with an invalid power state: rebooting.',
    )
  })

  it('knows what the node knows', async () => {
    const task = await testTask()
    expect(await task.driver.power.getPowerState(task)).toBeNull()
    task.node.powerState = 'power on'
    expect(await task.driver.power.getPowerState(task)).toBe('power on')
    await task.driver.power.reboot(task)
    expect(task.node.powerState).toBe('power on')
    expect(task.driver.power.supportedPowerStates(task)).toEqual([
      'power on',
      'power off',
      'rebooting',
      'soft rebooting',
      'soft power off',
    ])
  })
})

describe('fake management', () => {
  it('boots from pxe and nothing else', async () => {
    const task = await testTask()
    const { management } = task.driver
    expect(await management.supportedBootDevices(task)).toEqual(['pxe'])
    await expect(management.setBootDevice(task, 'pxe', true)).resolves.toBeUndefined()
    await expect(management.setBootDevice(task, 'disk', false)).rejects.toThrow(
      'Invalid boot device disk specified.',
    )
    expect(await management.getBootDevice(task)).toEqual({ boot_device: 'pxe', persistent: false })
    expect(await management.getSensorsData?.(task)).toEqual({})
  })

  it('has indicators that are on', async () => {
    const task = await testTask()
    const { management } = task.driver
    const led = { readonly: false, states: ['blinking', 'off', 'on'] }
    expect(await management.supportedIndicators?.(task)).toEqual({
      chassis: { 'led-0': { readonly: true, states: ['off', 'on'] } },
      system: { led },
    })
    expect(await management.supportedIndicators?.(task, 'system')).toEqual({ system: { led } })
    expect(await management.supportedIndicators?.(task, 'nope')).toEqual({})
    expect(await management.getIndicatorState?.(task, 'system', 'led')).toBe('on')
    await expect(management.getIndicatorState?.(task, 'disk', 'led')).rejects.toThrow(
      'Invalid component disk specified.',
    )
    await expect(management.getIndicatorState?.(task, 'system', 'x')).rejects.toThrow(
      'Invalid indicator x specified.',
    )
  })

  it('leaves the rest out, so that callers answer that it is not supported', async () => {
    const { management } = (await testTask()).driver
    const absent = [
      'supportedBootModes',
      'setBootMode',
      'getBootMode',
      'getSecureBootState',
      'setSecureBootState',
      'injectNmi',
      'setIndicatorState',
      'detectVendor',
      'getHealth',
      'attachVirtualMedia',
      'detachVirtualMedia',
      'getVirtualMedia',
      'getMacAddresses',
    ] as const
    for (const name of absent) expect(management[name]).toBeUndefined()
  })
})

describe('the other fakes', () => {
  it('boot, deploy, storage and console do nothing and say so quietly', async () => {
    const task = await testTask({ node: { storageInterface: 'fake' } })
    const { boot, deploy, storage, console: terminal, network } = task.driver
    expect(storage.name).toBe('fake')
    const quiet = [
      boot.prepareRamdisk(task, {}),
      boot.cleanUpRamdisk(task),
      boot.prepareInstance(task),
      boot.cleanUpInstance(task),
      deploy.prepare(task),
      deploy.tearDown(task),
      deploy.cleanUp(task),
      deploy.takeOver(task),
      deploy.prepareCleaning(task),
      deploy.tearDownCleaning(task),
      deploy.prepareService(task),
      deploy.tearDownService(task),
      storage.attachVolumes(task),
      storage.detachVolumes(task),
      terminal.startConsole(task),
      terminal.stopConsole(task),
      network.addNetwork(task, 'cleaning'),
      network.vifDetach(task, 'x'),
      task.driver.bios.cacheBiosSettings(task),
      task.driver.firmware.cacheFirmwareComponents(task),
      task.driver.rescue.cleanUp(task),
    ]
    expect(new Set(await Promise.all(quiet))).toEqual(new Set([undefined]))
    expect(await terminal.getConsole(task)).toEqual({})
    expect(await storage.shouldWriteImage(task)).toBe(true)
    expect(await network.vifList(task)).toEqual([])
    expect(boot.capabilities).toEqual(['ipxe_boot', 'pxe_boot'])
  })

  it('rescue and inspection are over at once', async () => {
    const task = await testTask()
    expect(await task.driver.rescue.rescue(task)).toBe('rescue')
    expect(await task.driver.rescue.unrescue(task)).toBe('active')
    expect(await task.driver.inspect.inspectHardware(task)).toBe('manageable')
  })
})

describe('fake vendor methods', () => {
  it.each([
    ['second_method', 'kazoo'],
    ['third_method_sync', 'meow'],
    ['fourth_method_shared_lock', 'woof'],
  ])('%s wants %s', async (name, word) => {
    const task = await testTask()
    const method = fakeVendor.nodeMethods[name]
    expect(await method?.run(task, { bar: word }, 'POST')).toBe(true)
    expect(await method?.run(task, { bar: 'x' }, 'POST')).toBe(false)
    await expect(fakeVendor.validateMethod(task, name, { bar: word })).resolves.toBeUndefined()
    for (const args of [{}, { bar: '' }, { bar: null }]) {
      await expect(fakeVendor.validateMethod(task, name, args)).rejects.toThrow(
        `Parameter 'bar' not passed to method '${name}'.`,
      )
    }
  })

  it('describes them as upstream does', () => {
    const shown = Object.entries(fakeVendor.nodeMethods).map(([name, m]) => [
      name,
      m.httpMethods,
      m.async,
      m.description,
      m.attach,
      m.requireExclusiveLock,
    ])
    expect(shown).toEqual([
      ['second_method', ['POST'], true, 'Test if the value of bar is kazoo', false, true],
      ['third_method_sync', ['POST'], false, 'Test if the value of bar is meow', false, true],
      [
        'fourth_method_shared_lock',
        ['POST'],
        true,
        'Test if the value of bar is woof',
        false,
        false,
      ],
      ['log_passthrough', ['POST'], true, 'Test pass-through to wait.', false, true],
    ])
  })

  it('log_passthrough needs no argument', async () => {
    const task = await testTask()
    await expect(fakeVendor.validateMethod(task, 'log_passthrough', {})).resolves.toBeUndefined()
    const run = fakeVendor.nodeMethods['log_passthrough']?.run(task, { a: 1 }, 'POST')
    await expect(run).resolves.toBeUndefined()
  })

  it('the classic driver has first_method too', async () => {
    const task = await testTask()
    const method = fakeVendorMixin.nodeMethods['first_method']
    expect(await method?.run(task, { bar: 'baz' }, 'POST')).toBe(true)
    await expect(fakeVendorMixin.validateMethod(task, 'first_method', {})).rejects.toThrow(
      "Parameter 'bar' not passed to method 'first_method'.",
    )
  })
})

describe('fake delays', () => {
  const slow: ConfigOverrides = {
    fake: {
      power_delay: '3',
      boot_delay: '1',
      deploy_delay: '2',
      vendor_delay: '4',
      management_delay: '5',
      inspect_delay: '6',
      bios_delay: '7',
      storage_delay: '8',
      rescue_delay: '9',
      firmware_delay: '10',
    },
  }
  it.each<[string, number, (task: TestTask) => Promise<unknown>]>([
    ['power', 3, (t) => t.driver.power.getPowerState(t)],
    ['power change', 3, (t) => t.driver.power.setPowerState(t, 'power on')],
    ['reboot', 3, (t) => t.driver.power.reboot(t)],
    ['boot', 1, (t) => t.driver.boot.prepareRamdisk(t, {})],
    ['deploy', 2, (t) => step(t, 'deploy', 'deploy').run(t, {})],
    ['vendor', 4, (t) => fakeVendor.nodeMethods['second_method']!.run(t, { bar: 'x' }, 'POST')],
    ['management', 5, (t) => t.driver.management.getBootDevice(t)],
    ['inspect', 6, (t) => t.driver.inspect.inspectHardware(t)],
    ['bios', 7, (t) => t.driver.bios.cacheBiosSettings(t)],
    ['storage', 8, (t) => t.driver.storage.attachVolumes(t)],
    ['rescue', 9, (t) => t.driver.rescue.rescue(t)],
    ['firmware', 10, (t) => t.driver.firmware.cacheFirmwareComponents(t)],
  ])('%s takes %d seconds', async (_name, seconds, operation) => {
    const task = await testTask({ config: slow, node: { storageInterface: 'fake' } })
    await operation(task)
    expect(task.waits).toEqual([seconds * 1000])
  })

  it('takes no time unless configured', async () => {
    const task = await testTask()
    await task.driver.power.getPowerState(task)
    expect(task.waits).toEqual([])
  })

  it('draws from a range and ends with the task', async () => {
    const task = await testTask({ config: { fake: { power_delay: '2,4' } } })
    await task.driver.power.reboot(task)
    expect(task.waits[0]).toBeGreaterThanOrEqual(2000)
    expect(task.waits[0]).toBeLessThanOrEqual(4000)
    const cancelled = { ...task, signal: AbortSignal.abort(new Error('cancelled')) }
    await expect(task.driver.power.reboot(cancelled)).rejects.toThrow('cancelled')
  })

  it.each([
    ['', [0, 0]],
    ['0', [0, 0]],
    ['5', [5, 5]],
    ['1,9', [1, 9]],
    [' 1 , 9 ', [1, 9]],
  ])('reads %j', (value, range) => {
    expect(parseDelay('power_delay', value)).toEqual(range)
  })

  it('leans towards the shorter end', () => {
    expect(triangular(2, 4, 0)).toBe(2)
    expect(triangular(2, 4, 1)).toBe(4)
    expect(triangular(2, 4, 0.5)).toBeLessThan(3)
  })
})
