// One Redfish machine under a Ferric, driven by the real client; what came of it is read from the machine.
import { expect } from 'vitest'
import { startFerric } from '../../_util/peers/ferric.js'
import { openstackClient } from '../../_util/peers/openstack.js'
import { until } from '../../_util/peers/until.js'
import { arg, moves, show, type Walker } from '../walk/walker.js'
import { systemPath, type Bed } from './bed.js'
import { cleanWithRamdisk } from './in-band.js'

const NODE = 'redfish-1'
const OPTIONS = {
  DEFAULT: {
    enabled_hardware_types: 'redfish',
    enabled_bios_interfaces: 'redfish',
    enabled_boot_interfaces: 'redfish-virtual-media,ipxe',
    enabled_console_interfaces: 'no-console',
    enabled_deploy_interfaces: 'direct,ramdisk',
    enabled_firmware_interfaces: 'redfish',
    enabled_inspect_interfaces: 'redfish',
    enabled_management_interfaces: 'redfish',
    enabled_power_interfaces: 'redfish',
    enabled_raid_interfaces: 'redfish,no-raid',
    enabled_rescue_interfaces: 'no-rescue',
    enabled_storage_interfaces: 'noop',
    enabled_vendor_interfaces: 'redfish',
  },
  agent: { require_tls: 'false' },
  // The BMC fetches the agent's image itself; tests/compat/redfish-boot.test.ts has it published.
  deploy: { ramdisk_image_download_source: 'http' },
  redfish: {
    raid_config_status_interval: '1',
    firmware_update_status_interval: '1',
    firmware_update_required_successes: '1',
    firmware_update_validation_interval: '1',
  },
}

/** What the machine itself says, once it is as expected. */
async function shows(bed: Bed, path: string, expected: Record<string, unknown>): Promise<void> {
  await until(
    async () => {
      const seen = await bed.read(path)
      const like = Object.entries(expected).every(([key, value]) => seen[key] === value)
      return like ? true : undefined
    },
    { what: `${path} to show ${arg(expected)}`, timeoutMs: 30_000, everyMs: 200 },
  )
}

async function enroll(walker: Walker, bed: Bed): Promise<void> {
  const info = { redfish_address: bed.url, ...bed.account }
  const pairs = Object.entries(info).flatMap(([key, value]) => ['--driver-info', `${key}=${value}`])
  const create = ['baremetal', 'node', 'create', '--driver', 'redfish', '--name', NODE]
  const node = await walker.cli.json(...create, ...pairs)
  expect(arg(node)).not.toContain(bed.account['redfish_password'])
  await moves(walker, NODE, ['manage'], 'manageable')
  const managed = await show(walker, NODE)
  expect(managed).toMatchObject({ power_state: 'power off', boot_mode: 'uefi', secure_boot: false })
  expect(managed['properties']).toMatchObject({ vendor: 'Sushy Emulator' })
}

async function switchAndBoot(walker: Walker, bed: Bed): Promise<void> {
  const node = (...words: string[]) => walker.cli.run('baremetal', 'node', ...words)
  await node('power', 'on', NODE)
  await shows(bed, systemPath, { PowerState: 'On' })
  await settled(walker)
  await node('boot', 'device', 'set', NODE, 'pxe')
  expect((await bed.read())['Boot']).toMatchObject({ BootSourceOverrideTarget: 'Pxe' })
  const device = await walker.cli.json('baremetal', 'node', 'boot', 'device', 'show', NODE)
  expect(device).toMatchObject({ boot_device: 'pxe' })
  await node('boot', 'mode', 'set', NODE, 'bios')
  await settled(walker)
  expect((await bed.read())['Boot']).toMatchObject({ BootSourceOverrideMode: 'Legacy' })
  await node('boot', 'mode', 'set', NODE, 'uefi')
  await settled(walker)
  await node('secure', 'boot', 'on', NODE)
  await shows(bed, `${systemPath}/SecureBoot`, { SecureBootEnable: true })
  await settled(walker)
  await node('inject', 'nmi', NODE)
  await node('power', 'off', NODE)
  await shows(bed, systemPath, { PowerState: 'Off' })
  await settled(walker)
}

/** Background work is over, and well. */
async function settled(walker: Walker): Promise<void> {
  const node = await until(
    async () => {
      const seen = await show(walker, NODE)
      const idle = seen['reservation'] === null && seen['target_power_state'] === null
      return idle ? seen : undefined
    },
    { what: `${NODE} to be free`, timeoutMs: 40_000, everyMs: 200 },
  )
  expect(node['last_error']).toBeNull()
}

/** The client has no command for virtual media; Metal3 and the SDK speak to the API. */
async function media(walker: Walker, bed: Bed, url: string, images: string): Promise<void> {
  const cd = `${systemPath}/VirtualMedia/Cd`
  const call = async (method: string, body?: unknown): Promise<number> => {
    const headers = { 'X-OpenStack-Ironic-API-Version': '1.93', 'Content-Type': 'application/json' }
    const given = body === undefined ? {} : { body: JSON.stringify(body) }
    return (await fetch(`${url}/v1/nodes/${NODE}/vmedia`, { method, headers, ...given })).status
  }
  const image = `${images}/a.iso`
  const asked = {
    device_type: 'cdrom',
    image_url: image,
    image_download_source: 'http',
  }
  expect(await call('POST', asked)).toBe(204)
  await shows(bed, cd, { Inserted: true, Image: image })
  await settled(walker)
  expect(await call('DELETE')).toBe(204)
  await shows(bed, cd, { Inserted: false })
  await settled(walker)
}

async function inspectAndClean(walker: Walker, bed: Bed): Promise<void> {
  const inspected = await moves(walker, NODE, ['inspect'], 'manageable')
  expect(inspected['properties']).toMatchObject({
    cpu_arch: 'x86_64',
    memory_mb: 16384,
    local_gb: 99,
  })
  const ports = await walker.cli.json<Record<string, unknown>[]>(
    'baremetal',
    'port',
    'list',
    '--node',
    NODE,
  )
  expect(arg(ports)).toContain('00:5c:52:31:3a:9c')
  expect(arg(ports)).toContain('00:5c:52:31:3a:9d')
  const settings = [
    { name: 'ProcTurboMode', value: 'Disabled' },
    { name: 'NumCores', value: '8' },
  ]
  const steps = [{ interface: 'bios', step: 'apply_configuration', args: { settings } }]
  const clean = ['clean', '--disable-ramdisk', '--clean-steps', arg(steps)]
  await moves(walker, NODE, clean, 'manageable')
  expect((await bed.read(`${systemPath}/BIOS`))['Attributes']).toMatchObject({
    ProcTurboMode: 'Disabled',
  })
  const listed = await walker.cli.json<{ Name?: string; name?: string; value?: string }[]>(
    ...['baremetal', 'node', 'bios', 'setting', 'list', NODE],
  )
  expect(arg(listed)).toContain('ProcTurboMode')
  const reset = [{ interface: 'bios', step: 'factory_reset' }]
  await moves(
    walker,
    NODE,
    ['clean', '--disable-ramdisk', '--clean-steps', arg(reset)],
    'manageable',
  )
  expect((await bed.read(`${systemPath}/BIOS`))['Attributes']).toMatchObject({
    ProcTurboMode: 'Enabled',
  })
}

/** Enrols, manages, switches, boots, inserts, inspects, cleans. @returns what Ferric logged */
export async function walkMachine(bed: Bed, images: string): Promise<string> {
  const before = await bed.task()
  await before.driver.power.setPowerState(before, 'power off')
  await using ferric = await startFerric('embedded', OPTIONS)
  await using cli = await openstackClient(ferric.url)
  const walker: Walker = { cli, minor: 0, real: false }
  await enroll(walker, bed)
  await switchAndBoot(walker, bed)
  await media(walker, bed, ferric.url, images)
  await inspectAndClean(walker, bed)
  await cleanWithRamdisk(walker, bed, NODE, { ferric: ferric.url, images })
  return ferric.logs()
}
