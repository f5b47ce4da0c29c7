import { writeFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { ConfigOverrides } from '../../src/config/index.js'
import { defaultConfig } from '../../src/config/index.js'
import type { InterfaceKind } from '../../src/drivers/interfaces.js'
import { interfaceKinds } from '../../src/drivers/interfaces.js'
import { createDriverRegistry } from '../../src/drivers/registry.js'
import { fakePower } from '../../src/drivers/power/fake.js'
import { log, nodeRow } from './_util/task.js'

const registry = (overrides: ConfigOverrides['DEFAULT'] = {}) =>
  createDriverRegistry(defaultConfig({ DEFAULT: overrides }), log.drivers)

const message = async (work: Promise<unknown> | (() => unknown)): Promise<string> => {
  try {
    await (typeof work === 'function' ? work() : work)
  } catch (error) {
    return (error as Error).message
  }
  return 'no error'
}

describe('what is enabled', () => {
  it('leaves out names that do not exist and keeps the others', async () => {
    const drivers = await registry({
      enabled_hardware_types: ['fake-hardware', 'ilo', 'manual-management'],
      enabled_power_interfaces: ['fake', 'ilo', 'agent'],
    })
    expect([...drivers.hardwareTypes.keys()]).toEqual(['fake-hardware', 'manual-management'])
    expect(drivers.enabled('fake-hardware', 'power')).not.toContain('ilo')
    const node = nodeRow({ powerInterface: 'ilo' })
    expect(() => drivers.compose(node)).toThrow(/power.*ilo|ilo.*power/)
  })

  it('starts with no configuration and gives every type a default of every kind', async () => {
    const drivers = await registry()
    for (const type of drivers.hardwareTypes.keys()) {
      for (const kind of interfaceKinds) expect(drivers.defaultFor(type, kind)).toBeTruthy()
    }
  })

  it('makes fake-hardware fake all through when nothing is configured', async () => {
    const drivers = await registry()
    const chosen = interfaceKinds.map((kind) => drivers.defaultFor('fake-hardware', kind))
    expect(new Set(chosen)).toEqual(new Set(['fake', 'noop']))
    expect(drivers.defaultFor('fake-hardware', 'network')).toBe('noop')
    expect(drivers.defaultFor('fake-hardware', 'storage')).toBe('noop')
  })

  it('takes the first supported implementation of every type for an empty list', async () => {
    const drivers = await registry({
      enabled_hardware_types: ['manual-management', 'fake-hardware'],
      enabled_power_interfaces: [],
      enabled_management_interfaces: [],
    })
    expect(drivers.enabled('manual-management', 'power')).toEqual(['agent', 'fake'])
    expect(drivers.enabled('manual-management', 'management')).toEqual(['fake', 'noop'])
  })

  it('shows only what the type supports, though fake-hardware takes anything enabled', async () => {
    const drivers = await registry({
      enabled_management_interfaces: ['fake', 'noop'],
      enabled_network_interfaces: ['noop'],
    })
    expect(drivers.enabled('fake-hardware', 'management')).toEqual(['fake'])
    const node = nodeRow({ managementInterface: 'noop' })
    expect(drivers.resolveInterfaces(node).managementInterface).toBe('noop')
  })

  it.each<[string, ConfigOverrides['DEFAULT'], string]>([
    [
      'an unknown hardware type',
      { enabled_hardware_types: ['nope'] },
      "Could not find the following items in the 'ironic.hardware.types' entrypoint: nope.",
    ],
    [
      'a classic driver whose parts do not exist',
      { enabled_hardware_types: ['pxe_ssh'] },
      "Could not find the following items in the 'ironic.hardware.types' entrypoint: pxe_ssh.",
    ],
    [
      'unknown interfaces',
      { enabled_power_interfaces: ['nope', 'x'] },
      "Could not find the following items in the 'ironic.hardware.interfaces.power' entrypoint: nope, x.",
    ],
    [
      'no hardware type',
      { enabled_hardware_types: [], host: 'h1' },
      'Conductor h1 cannot be started because no hardware types were loaded.',
    ],
    [
      'a type without a possible default',
      { enabled_hardware_types: ['manual-management'], enabled_bios_interfaces: ['fake'] },
      "For hardware type 'manual-management', no default value found for bios interface could be determined. Please ensure the interfaces are enabled.",
    ],
    [
      'autodetect and too little to choose from',
      { enabled_deploy_interfaces: ['autodetect', 'direct', 'ramdisk'] },
      "Deploy interface 'bootc' is configured in autodetect_deploy_interfaces but is not in enabled_deploy_interfaces. Please add 'bootc' to enabled_deploy_interfaces or remove it from autodetect_deploy_interfaces.",
    ],
    [
      'a default that is not enabled',
      { enabled_rescue_interfaces: ['fake', 'no-rescue'], default_rescue_interface: 'agent' },
      "Could not find the following interface in the 'ironic.hardware.interfaces.rescue' entrypoint: agent. Valid interfaces are ['fake', 'no-rescue'].",
    ],
    [
      'a default that one type does not support',
      { enabled_bios_interfaces: ['fake', 'no-bios'], default_bios_interface: 'fake' },
      "For hardware type 'manual-management', no default value found for bios interface could be determined. Please ensure the interfaces are enabled.",
    ],
  ])('refuses to start with %s', async (_scenario, overrides, text) => {
    expect(await message(registry(overrides))).toBe(text)
  })

  it('refuses a fake delay that is no number', async () => {
    const config = defaultConfig({ fake: { power_delay: '1,x' } })
    await expect(createDriverRegistry(config, log.drivers)).rejects.toThrow('[fake] power_delay')
  })
})

describe('how a node gets its driver', () => {
  const enabled = {
    enabled_hardware_types: ['fake-hardware', 'manual-management', 'ipmi'],
    enabled_boot_interfaces: ['fake', 'pxe', 'ipxe'],
    enabled_management_interfaces: ['fake', 'noop', 'ipmitool'],
    enabled_power_interfaces: ['fake', 'agent', 'ipmitool'],
  }

  it.each<[string, Parameters<typeof nodeRow>[0], string]>([
    [
      'an unknown driver',
      { driver: 'nope' },
      'Could not find the following driver(s) or hardware type(s): nope.',
    ],
    [
      'an interface that is not enabled',
      { bootInterface: 'http' },
      "Could not find the following interface in the 'ironic.hardware.interfaces.boot' entrypoint: http. Valid interfaces are ['fake', 'ipxe', 'pxe'].",
    ],
    [
      'an interface the type does not support',
      { driver: 'ipmi', powerInterface: 'fake' },
      "power interface implementation '<fake>' is not supported by hardware type IPMIHardware.",
    ],
    [
      'an override in instance_info that is not supported',
      { driver: 'manual-management', instanceInfo: { power_interface: 'ipmitool' } },
      "power interface implementation '<ipmitool>' is not supported by hardware type ManualManagementHardware.",
    ],
  ])('refuses %s', async (_scenario, node, text) => {
    const drivers = await registry(enabled)
    expect(await message(() => drivers.resolveInterfaces(nodeRow(node)))).toBe(text)
  })

  it('keeps what is chosen and fills in the rest in priority order', async () => {
    const drivers = await registry(enabled)
    const node = nodeRow({ driver: 'ipmi', bootInterface: 'pxe' })
    const columns = drivers.resolveInterfaces(node)
    expect(columns).toMatchObject({
      bootInterface: 'pxe',
      powerInterface: 'ipmitool',
      raidInterface: 'no-raid',
      deployInterface: 'autodetect',
    })
    expect(Object.values(columns).every((name) => name !== null)).toBe(true)
  })

  it('lets instance_info override an interface for the driver, not for the columns', async () => {
    const drivers = await registry(enabled)
    const node = nodeRow({ bootInterface: 'fake', instanceInfo: { boot_interface: 'ipxe' } })
    expect(drivers.compose(node).boot.name).toBe('ipxe')
    expect(drivers.resolveInterfaces(node).bootInterface).toBe('fake')
  })

  it('composes one implementation of every kind', async () => {
    const drivers = await registry(enabled)
    const driver = drivers.compose(nodeRow())
    const kinds: InterfaceKind[] = interfaceKinds.map((kind) => driver[kind].kind)
    expect(kinds).toEqual([...interfaceKinds])
  })

  it('composes the classic fake driver from its own parts', async () => {
    const drivers = await registry({ enabled_hardware_types: ['fake'] })
    const driver = drivers.compose(nodeRow({ driver: 'fake' }))
    expect(Object.keys(driver.vendor.nodeMethods)).toEqual([
      'first_method',
      'second_method',
      'third_method_sync',
    ])
    expect(Object.keys(driver.vendor.properties)).toEqual(['A1', 'A2', 'B1', 'B2'])
  })
})

describe('driver packages', () => {
  const load = (source: string, overrides: ConfigOverrides['DEFAULT'] = {}) => {
    const dir = mkdtempSync(join(tmpdir(), 'ferric-package-'))
    const file = join(dir, 'driver.mjs')
    writeFileSync(file, source)
    const config = defaultConfig({ DEFAULT: overrides, ferric: { driver_packages: [file] } })
    return createDriverRegistry(config, log.drivers).finally(() => rmSync(dir, { recursive: true }))
  }

  it('adds hardware types and interfaces', async () => {
    const drivers = await load(
      `export const ferricDrivers = {
        hardwareTypes: [{ name: 'acme', className: 'AcmeHardware',
          supported: { power: ['acme'], management: ['noop'] } }],
        interfaces: [{ name: 'acme', kind: 'power', properties: { acme_host: 'Required.' },
          supportsPowerSync: true, validate: async () => {}, getPowerState: async () => 'power on',
          setPowerState: async () => {}, reboot: async () => {}, supportedPowerStates: () => [] }],
      }`,
      { enabled_hardware_types: ['acme'] },
    )
    const driver = drivers.compose(nodeRow({ driver: 'acme' }))
    expect(driver.power.name).toBe('acme')
    expect(driver.boot.name).toBe('ipxe')
  })

  it.each([
    ['no export', 'export const x = 1', "it has no export named 'ferricDrivers'"],
    [
      'an unknown kind',
      "export const ferricDrivers = { interfaces: [{ name: 'a', kind: 'b' }] }",
      "an interface needs 'name' and a known 'kind'",
    ],
    [
      'a type without lists',
      "export const ferricDrivers = { hardwareTypes: [{ name: 'a' }] }",
      "a hardware type needs 'name' and 'supported'",
    ],
    ['a syntax error', 'export const', 'Unexpected'],
  ])('refuses a package with %s', async (_scenario, source, reason) => {
    const text = await message(load(source))
    expect(text).toContain('Driver, hardware type or interface ')
    expect(text).toContain(`could not be loaded. Reason: `)
    expect(text).toContain(reason)
  })

  it('refuses a package that takes a name that is taken', async () => {
    const packages = [{ hardwareTypes: [], interfaces: [fakePower] }]
    const work = createDriverRegistry(defaultConfig(), log.drivers, { packages })
    expect(await message(work)).toBe(
      'Driver, hardware type or interface fake could not be loaded. Reason: the name is taken.',
    )
  })
})
