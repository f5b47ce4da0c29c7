import { describe, expect, it } from 'vitest'
import type { ConfigOverrides } from '../../src/config/index.js'
import type { JsonObject } from '../../src/db/columns.js'
import type { NodeRow, PortRow } from '../../src/db/rows.js'
import { checkIpmiAddress, parseIpmiInfo } from '../../src/drivers/ipmi/driver-info.js'
import { testTask } from './_util/task.js'

const text = async (work: () => unknown): Promise<string> => {
  try {
    await work()
  } catch (error) {
    return (error as Error).message
  }
  return 'valid'
}

describe('IPMI driver_info', () => {
  const parse = (info: JsonObject, internal: JsonObject = {}) =>
    parseIpmiInfo({
      driverInfo: { ipmi_address: '192.0.2.1', ...info },
      driverInternalInfo: internal,
    })

  it('fills in upstream’s defaults', () => {
    expect(parse({})).toEqual({
      address: '192.0.2.1',
      port: null,
      username: null,
      password: '',
      privilegeLevel: 'ADMINISTRATOR',
      protocolVersion: '2.0',
      hexKgKey: null,
      cipherSuite: null,
      terminalPort: null,
      bridging: null,
    })
  })

  it('reads what is given, numbers and strings alike', () => {
    expect(
      parse({ ipmi_port: '624', ipmi_cipher_suite: 17, ipmi_password: 1234, ipmi_username: 'u' }),
    ).toMatchObject({ port: 624, cipherSuite: 17, password: '1234', username: 'u' })
    expect(parse({}, { allocated_ipmi_terminal_port: 9000 }).terminalPort).toBe(9000)
  })

  it.each<[JsonObject, string]>([
    [
      { ipmi_address: '' },
      "Missing the following IPMI credentials in node's driver_info: ['ipmi_address'].",
    ],
    [{ ipmi_port: 'x' }, 'ipmi_port "x" is not a valid port.'],
    [{ ipmi_port: 70000 }, 'ipmi_port "70000" is not a valid port.'],
    [{ ipmi_terminal_port: '1x' }, 'ipmi_terminal_port "1x" is not a valid port.'],
    [
      { ipmi_priv_level: 'ROOT' },
      'Invalid privilege level value:ROOT, the valid value can be one of ADMINISTRATOR, CALLBACK, OPERATOR, USER',
    ],
    [
      { ipmi_protocol_version: '3' },
      'Invalid IPMI protocol version value 3, the valid value can be one of 2.0, 1.5',
    ],
    [{ ipmi_hex_kg_key: 'abc' }, 'Number of ipmi_hex_kg_key characters is not even'],
    [{ ipmi_cipher_suite: 'x' }, 'Invalid cipher suite x, expected a number'],
    [
      { ipmi_cipher_suite: 3, ipmi_protocol_version: '1.5' },
      'Cipher suites cannot be used with IPMI 1.5',
    ],
    [
      { ipmi_bridging: 'triple' },
      "Invalid value for ipmi_bridging: triple, the valid value can be one of: ['single', 'dual', 'no']",
    ],
    [{ ipmi_bridging: 'single' }, "['ipmi_target_channel', 'ipmi_target_address'] not provided"],
    [
      { ipmi_bridging: 'dual', ipmi_target_channel: 1, ipmi_target_address: 2 },
      "['ipmi_transit_channel', 'ipmi_transit_address'] not provided",
    ],
  ])('refuses %j', async (info, expected) => {
    expect(await text(() => parse(info))).toBe(expected)
  })

  it.each([
    ['192.0.2.1', 'valid'],
    ['fe80::1', 'valid'],
    ['bmc-1.example.org', 'valid'],
    ['a b', 'Invalid IPMI address "a b" for node U. Must be a valid IP address or hostname.'],
  ])('takes %s for an address: %s', async (address, expected) => {
    expect(await text(() => checkIpmiAddress(address, 'U'))).toBe(expected)
  })
})

const ports = [{ address: '52:54:00:00:00:01' }] as PortRow[]
const enabled: ConfigOverrides = {
  DEFAULT: {
    enabled_boot_interfaces: ['fake', 'pxe', 'ipxe'],
    enabled_deploy_interfaces: ['fake', 'direct', 'ramdisk', 'custom-agent'],
    enabled_rescue_interfaces: ['fake', 'no-rescue', 'agent'],
  },
}
const images = { deploy_kernel: 'k', deploy_ramdisk: 'r' }
const uuid = '1be26c0b-03f2-4d2e-ae87-c02d7f33c123'

interface Case {
  readonly node: Partial<NodeRow>
  readonly config?: ConfigOverrides
  readonly ports?: PortRow[]
  readonly text: string
}

describe('network boot', () => {
  const validate = async (given: Case): Promise<string> => {
    const task = await testTask({
      node: { bootInterface: 'pxe', ...given.node },
      config: { ...enabled, ...given.config },
      ports: given.ports ?? ports,
    })
    return await text(() => task.driver.boot.validate(task))
  }

  it.each<[string, Case]>([
    [
      'no port',
      { node: {}, ports: [], text: `Node ${uuid} does not have any port associated with it` },
    ],
    [
      'iPXE without an HTTP server',
      {
        node: { bootInterface: 'ipxe' },
        text: 'iPXE boot is enabled but no HTTP URL or HTTP root was specified',
      },
    ],
    [
      'a bad capability of the node',
      {
        node: { properties: { capabilities: 'boot_mode:x' } },
        text: "The parameter 'boot_mode' from properties/capabilities has an invalid value: 'x'. Acceptable values are: bios, uefi.",
      },
    ],
    [
      'a bad capability of the instance',
      {
        node: { instanceInfo: { capabilities: '{"secure_boot": "maybe"}' } },
        text: "The parameter 'secure_boot' from instance_info['capabilities'] has an invalid value: 'maybe'. Acceptable values are: true, false.",
      },
    ],
    [
      'capabilities of the instance that are no object',
      {
        node: { instanceInfo: { capabilities: '[' } },
        text: `Error parsing capabilities from Node ${uuid} instance_info field. A dictionary or a "jsonified" dictionary is expected.`,
      },
    ],
    [
      'an image and an ISO',
      {
        node: { instanceInfo: { image_source: 'a', boot_iso: 'b' } },
        text: "An 'image_source' and 'boot_iso' parameter may not be specified at the same time",
      },
    ],
    [
      'no ramdisk',
      {
        node: {},
        text: "Cannot validate PXE bootloader. Some parameters were missing in node's driver_info and configuration. Missing are: ['deploy_kernel', 'deploy_ramdisk']",
      },
    ],
    [
      'a kernel alone, when that is an error',
      {
        node: { driverInfo: { deploy_kernel: 'k' } },
        config: { conductor: { error_on_ramdisk_config_inconsistency: true } },
        text: `Node ${uuid} driver_info has an override for deploy_kernel, but not for deploy_ramdisk. This configuration is ambiguous. Node ${uuid} cannot boot a ramdisk.`,
      },
    ],
    ['a ramdisk', { node: { driverInfo: images }, text: 'valid' }],
    ['the configured ramdisk', { node: {}, config: { conductor: images }, text: 'valid' }],
    [
      'the ramdisk of its architecture',
      {
        node: { properties: { cpu_arch: 'aarch64' } },
        config: {
          conductor: {
            deploy_kernel_by_arch: { aarch64: 'k' },
            deploy_ramdisk_by_arch: { aarch64: 'r' },
          },
        },
        text: 'valid',
      },
    ],
    [
      'a ramdisk deployment that is never cleaned',
      {
        node: {
          deployInterface: 'ramdisk',
          automatedClean: false,
          instanceInfo: { boot_iso: 'http://x/y.iso' },
        },
        text: 'valid',
      },
    ],
    [
      'a ramdisk deployment with nothing to boot',
      {
        node: { deployInterface: 'ramdisk', automatedClean: false },
        text: `Cannot validate image information for node ${uuid} because one or more parameters are missing from its instance_info and insufficient information is present to boot from a remote volume. Missing are: ['kernel', 'ramdisk']`,
      },
    ],
  ])('judges %s', async (_scenario, given) => {
    expect(await validate(given)).toBe(given.text)
  })

  it('cannot manage inspection without a ramdisk', async () => {
    const task = await testTask({ node: { bootInterface: 'pxe' }, config: enabled, ports: [] })
    await expect(task.driver.boot.validateInspection?.(task)).rejects.toThrow(
      `Insufficient information provided for managed inspection: Node ${uuid} does not have any port associated with it`,
    )
  })
})

describe('deployment by the agent', () => {
  const image = {
    image_source: 'http://192.0.2.9/image',
    image_checksum: 'd41d8cd98f00b204e9800998ecf8427e',
  }
  const needsChecksum = `image_source's "image_checksum", or "image_os_hash_algo" and "image_os_hash_value" must be provided in instance_info for node ${uuid}`

  it.each<[string, Partial<NodeRow>, string]>([
    ['a good image', { instanceInfo: image }, 'valid'],
    [
      'no image',
      {},
      `Node ${uuid} failed to validate deploy image info. Some parameters were missing. Missing are: ['instance_info.image_source']`,
    ],
    ['no checksum', { instanceInfo: { image_source: 'http://x/y' } }, needsChecksum],
    [
      'half a checksum',
      { instanceInfo: { ...image, image_os_hash_algo: 'sha256' } },
      needsChecksum,
    ],
    [
      'an unknown type',
      { instanceInfo: { ...image, image_type: 'x' } },
      'Invalid image_type "x", valid are partition, whole-disk',
    ],
    [
      'an unknown download source',
      { instanceInfo: { ...image, image_download_source: 'ftp' } },
      'Invalid value for image_download_source: "ftp". Valid values are swift, http or local.',
    ],
    [
      'a file without an HTTP server',
      { instanceInfo: { image_source: 'file:///image' } },
      `Node ${uuid} failed to validate http provisioning. Some configuration options were missing. Missing are: ['[deploy]http_url']`,
    ],
    [
      'a proxy that is none',
      { instanceInfo: image, driverInfo: { ...images, image_http_proxy: 'ftp://p' } },
      "Proxy URL should either have HTTP(S) scheme or no scheme at all, the following URLs are invalid: {'image_http_proxy': 'ftp://p'}.",
    ],
    [
      'hosts that are none',
      { instanceInfo: image, driverInfo: { ...images, image_no_proxy: '*.x' } },
      "image_no_proxy should be a list of host names, IP addresses or domain names to exclude from proxying, the specified list *.x is incorrect. To denote a domain name, prefix it with a dot (instead of e.g. '.*').",
    ],
    [
      'an unknown root device hint',
      { instanceInfo: { ...image, root_device: { colour: 'red' } } },
      `Failed to validate the root device hints {'colour': 'red'} (from the node's instance_info) for node ${uuid}: The hints "colour" are invalid. Valid hints are: "size, model, wwn, serial, vendor, wwn_with_extension, wwn_vendor_extension, name, rotational, hctl, by_path"`,
    ],
    [
      'a root device of no size',
      { instanceInfo: image, properties: { root_device: { size: '>= 0' } } },
      `Failed to validate the root device hints {'size': '>= 0'} (from the node's properties) for node ${uuid}: Root device hint "size" should be a positive integer. Current value: >= 0`,
    ],
    [
      'a root device by range',
      { instanceInfo: image, properties: { root_device: { size: '<range-in> [ 1 9 ]' } } },
      'valid',
    ],
  ])('judges %s', async (_scenario, node, expected) => {
    const task = await testTask({
      node: { deployInterface: 'direct', bootInterface: 'pxe', driverInfo: images, ...node },
      config: enabled,
      ports,
    })
    expect(await text(() => task.driver.deploy.validate(task))).toBe(expected)
  })

  it('of a ramdisk wants a boot interface that can', async () => {
    const task = await testTask({ node: { deployInterface: 'ramdisk' }, config: enabled })
    expect(await text(() => task.driver.deploy.validate(task))).toContain(
      'The boot interface must have the `ramdisk_boot` capability.',
    )
  })

  it('has upstream’s steps', async () => {
    const task = await testTask({ node: { deployInterface: 'direct' }, config: enabled })
    const steps = task.driver.deploy.steps?.map((s) => [s.step, s.priority])
    expect(Object.fromEntries(steps ?? [])).toEqual({
      deploy: 100,
      write_image: 80,
      prepare_instance_boot: 60,
      tear_down_agent: 40,
      switch_to_tenant_network: 30,
      boot_instance: 20,
    })
  })
})

describe('rescue by the agent', () => {
  const rescue = { rescue_kernel: 'k', rescue_ramdisk: 'r' }
  it.each<[string, Partial<NodeRow>, string]>([
    [
      'a boot interface that cannot',
      { bootInterface: 'fake' },
      'Driver fake-hardware does not support validate_rescue (disabled or not implemented).',
    ],
    [
      'no rescue ramdisk',
      {},
      "Cannot validate PXE bootloader. Some parameters were missing in node's driver_info and configuration. Missing are: ['rescue_kernel', 'rescue_ramdisk']",
    ],
    [
      'no password',
      { driverInfo: { ...images, ...rescue } },
      `Node ${uuid} is missing 'instance_info/rescue_password'. It is required for rescuing node.`,
    ],
    [
      'an empty password',
      { driverInfo: { ...images, ...rescue }, instanceInfo: { rescue_password: ' ' } },
      `The 'instance_info/rescue_password' is an empty string for node ${uuid}. The 'rescue_password' must be a non-empty string value.`,
    ],
    [
      'all it needs',
      { driverInfo: { ...images, ...rescue }, instanceInfo: { rescue_password: 'x' } },
      'valid',
    ],
  ])('judges %s', async (_scenario, node, expected) => {
    const task = await testTask({
      node: { rescueInterface: 'agent', bootInterface: 'pxe', driverInfo: images, ...node },
      config: enabled,
      ports,
    })
    expect(await text(() => task.driver.rescue.validate(task))).toBe(expected)
  })
})
