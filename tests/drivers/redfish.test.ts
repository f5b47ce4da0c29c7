import { describe, expect, it } from 'vitest'
import type { ConfigOverrides } from '../../src/config/index.js'
import type { JsonObject } from '../../src/db/columns.js'
import { parseRedfishInfo } from '../../src/drivers/redfish/driver-info.js'
import { interfaceKinds } from '../../src/drivers/interfaces.js'
import { testTask } from './_util/task.js'

const uuid = '1be26c0b-03f2-4d2e-ae87-c02d7f33c123'
const config: ConfigOverrides = {
  DEFAULT: {
    enabled_hardware_types: ['redfish', 'idrac'],
    enabled_bios_interfaces: ['redfish', 'idrac-redfish', 'no-bios'],
    enabled_boot_interfaces: ['redfish-virtual-media', 'idrac-redfish-virtual-media', 'pxe'],
    enabled_console_interfaces: ['no-console'],
    enabled_deploy_interfaces: ['direct', 'ramdisk'],
    enabled_firmware_interfaces: ['redfish'],
    enabled_inspect_interfaces: ['redfish', 'idrac-redfish', 'agent'],
    enabled_raid_interfaces: ['redfish', 'idrac-redfish'],
    enabled_vendor_interfaces: ['redfish', 'idrac-redfish'],
  },
  deploy: { http_url: 'http://here' },
}
const redfishTask = (driverInfo: JsonObject, more: ConfigOverrides = {}) =>
  testTask({
    node: { driver: 'redfish', driverInfo },
    config: { ...config, ...more },
  })
const parse = async (info: JsonObject, more: ConfigOverrides = {}) =>
  parseRedfishInfo(await redfishTask({ redfish_address: 'https://bmc', ...info }, more))

describe('Redfish driver_info', () => {
  it('fills in upstream’s defaults', async () => {
    expect(await parse({})).toEqual({
      address: 'https://bmc',
      rootPrefix: null,
      systemId: null,
      username: null,
      password: null,
      verifyCa: true,
      authType: 'auto',
      tlsMinimumVersion: null,
      tlsCiphers: null,
      unresponsiveBmcWait: null,
    })
  })

  it.each([
    ['bmc.example.org', 'https://bmc.example.org', null],
    ['bmc:8443', 'https://bmc:8443', null],
    ['http://192.0.2.1:8000', 'http://192.0.2.1:8000', null],
    ['fe80::1', 'https://[fe80::1]', null],
    ['https://bmc/redfish/v2', 'https://bmc', '/redfish/v2'],
  ])('reads the address %s', async (given, address, rootPrefix) => {
    expect(await parse({ redfish_address: given })).toMatchObject({ address, rootPrefix })
  })

  it('lets the configuration fill in', async () => {
    const redfish = {
      auth_type: 'basic',
      verify_ca: import.meta.dirname,
      tls_minimum_version: '1.3',
    }
    expect(await parse({}, { redfish })).toMatchObject({
      authType: 'basic',
      verifyCa: import.meta.dirname,
      tlsMinimumVersion: '1.3',
    })
    expect(await parse({ redfish_verify_ca: 'false' }, { redfish })).toMatchObject({
      verifyCa: false,
    })
  })

  it.each<[JsonObject, string]>([
    [
      { redfish_address: '' },
      `Missing the following Redfish properties in node ${uuid} driver_info: ['redfish_address']`,
    ],
    [
      { redfish_address: 1 },
      `Invalid Redfish address 1 set in driver_info/redfish_address on node ${uuid}`,
    ],
    [
      { redfish_address: 'https://b mc' },
      `Invalid Redfish address https://b mc set in driver_info/redfish_address on node ${uuid}`,
    ],
    [
      { redfish_system_id: 1 },
      `Invalid value "1" set in driver_info/redfish_system_id on node ${uuid}. The value should be a path (string) to the resource that the driver will interact with. For example: /redfish/v1/Systems/1`,
    ],
    [
      { redfish_verify_ca: '/no/such/file' },
      `Invalid value type set in driver_info/redfish_verify_ca on node ${uuid}. The value should be a Boolean or the path to a file/directory, not "/no/such/file"`,
    ],
    [
      { redfish_verify_ca: 3 },
      `Invalid value type set in driver_info/redfish_verify_ca on node ${uuid}. The value should be a Boolean or the path to a file/directory, not "3"`,
    ],
    [
      { redfish_auth_type: 'x' },
      `Invalid value "x" set in driver_info/redfish_auth_type on node ${uuid}. The value should be one of "basic", "session" or "auto".`,
    ],
    [
      { redfish_tls_minimum_version: '1.0' },
      `Invalid value "1.0" set in driver_info/redfish_tls_minimum_version on node ${uuid}. The value should be one of "1.1", "1.2", or "1.3".`,
    ],
  ])('refuses %j', async (info, text) => {
    await expect(parse(info, { redfish: { verify_ca: null } })).rejects.toThrow(text)
  })
})

describe('the redfish hardware types', () => {
  it.each(['redfish', 'idrac'])('%s prefers its own interfaces', async (driver) => {
    const task = await testTask({ node: { driver }, config })
    const own = driver === 'idrac' ? 'idrac-redfish' : 'redfish'
    for (const kind of ['bios', 'inspect', 'management', 'power', 'raid', 'vendor'] as const) {
      expect(task.driver[kind].name).toBe(own)
    }
  })

  it('judge every interface by driver_info alone', async () => {
    const task = await redfishTask({ redfish_address: 'bmc', redfish_auth_type: 'x' })
    for (const kind of interfaceKinds) {
      if (['network', 'storage', 'rescue', 'console', 'deploy', 'boot', 'raid'].includes(kind))
        continue
      await expect(task.driver[kind].validate(task)).rejects.toThrow('Invalid value "x"')
    }
  })

  it('refuse SCSI disks in RAID', async () => {
    const task = await redfishTask({ redfish_address: 'bmc' })
    const disk = { raid_level: '1', size_gb: 1, interface_type: 'scsi' }
    const check = task.driver.raid.validateRaidConfig(task, { logical_disks: [disk] })
    await expect(check).rejects.toThrow('interface type `scsi` not supported by Redfish RAID')
  })
})

describe('boot by virtual media', () => {
  const missing =
    "Error validating Redfish virtual media. Some parameters were missing in node's driver_info. Missing are: ['deploy_kernel', 'deploy_ramdisk']"
  const boot = async (driverInfo: JsonObject) => {
    const task = await testTask({
      node: {
        driver: 'redfish',
        bootInterface: 'redfish-virtual-media',
        driverInfo: { redfish_address: 'bmc', ...driverInfo },
      },
      config,
    })
    return { task, boot: task.driver.boot }
  }

  it('wants an ISO, or a kernel and a ramdisk', async () => {
    const none = await boot({})
    await expect(none.boot.validate(none.task)).rejects.toThrow(missing)
    await expect(none.boot.validateInspection?.(none.task)).rejects.toThrow(
      `Insufficient information provided for managed inspection: ${missing}`,
    )
    for (const info of [
      { deploy_iso: 'http://x/iso' },
      { redfish_deploy_iso: 'http://x/iso' },
      { deploy_kernel: 'k', deploy_ramdisk: 'r' },
    ]) {
      const given = await boot(info)
      await expect(given.boot.validate(given.task)).resolves.toBeUndefined()
      await expect(given.boot.validateRescue?.(given.task)).rejects.toThrow('rescue_kernel')
    }
  })
})

describe('Redfish vendor methods', () => {
  it.each<[string, JsonObject, string | null]>([
    ['create_subscription', {}, 'Destination None is not a valid URI'],
    ['create_subscription', { Destination: 'x' }, 'Destination x is not a valid URI'],
    ['create_subscription', { Context: 1 }, 'Context 1 is not a valid string'],
    ['create_subscription', { Protocol: [] }, 'Protocol [] is not a string'],
    ['create_subscription', { HttpHeaders: 'a' }, 'HttpHeaders a is not a list of headers'],
    ['create_subscription', { Destination: 'https://x/y' }, null],
    ['delete_subscription', {}, "id can't be None"],
    ['delete_subscription', { id: '1' }, null],
    ['get_subscription', {}, null],
  ])('%s judges %j', async (method, args, text) => {
    const task = await redfishTask({ redfish_address: 'bmc' })
    const check = task.driver.vendor.validateMethod(task, method, args)
    const outcome = await check.then(
      () => null,
      (error: unknown) => (error as Error).message,
    )
    expect(outcome).toBe(text)
  })
})
