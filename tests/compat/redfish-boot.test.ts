// Booting by Redfish against sushy-tools' emulator: what an operator sets must reach the disc, the BMC and the URL
// that the BMC gets, and must be gone after the clean-up.
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ConfigOverrides } from '../../src/config/index.js'
import type { JsonObject } from '../../src/db/columns.js'
import { listVirtualMedia } from '../../src/drivers/redfish/boot/virtual-media.js'
import { systemClock } from '../../src/clock.js'
import { testTask, type TestTask } from '../drivers/_util/task.js'
import { servePeers, type Peers } from '../_util/peers/serve.js'
import { bedOf, config as base, systemPath, type Bed } from './redfish/bed.js'

let peers: Peers
let bed: Bed
let dir: string
let site: { url: string; close: () => Promise<unknown> }

/** Serves the published files and a foreign disc. */
async function serve(root: string): Promise<typeof site> {
  const server = createServer((request, answer) => {
    readFile(join(root, 'redfish', basename(request.url ?? ''))).then(
      (content) => answer.end(content),
      () => answer.writeHead(request.url === '/given.iso' ? 200 : 404).end('x'),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const close = () => new Promise((resolve) => server.close(resolve))
  return { url: `http://127.0.0.1:${address.port}`, close }
}

beforeAll(async () => {
  peers = await servePeers(['redfish-emulator'])
  const [peer] = peers.peers
  const account = { username: peer?.username ?? '', password: peer?.password ?? '' }
  bed = bedOf(peer?.url ?? '', account)
  dir = await mkdtemp(join(tmpdir(), 'ferric-vmedia-'))
  site = await serve(dir)
  for (const name of ['kernel', 'ramdisk', 'esp']) await writeFile(join(dir, name), name)
  await writeFile(join(dir, 'own.iso'), 'a disc of the operator')
}, 300_000)

afterAll(async () => {
  await site.close()
  await peers[Symbol.asyncDispose]()
  await rm(dir, { recursive: true, force: true })
})

async function taskOn(driverInfo: JsonObject, more: JsonObject = {}, config: ConfigOverrides = {}) {
  const own: ConfigOverrides = {
    ...base,
    ...config,
    DEFAULT: {
      ...base.DEFAULT,
      state_path: dir,
      enabled_boot_interfaces: [
        'redfish-virtual-media',
        'idrac-redfish-virtual-media',
        'redfish-https',
        'ipxe',
      ],
      enabled_deploy_interfaces: ['direct', 'ramdisk'],
    },
    conductor: { ...base.conductor, file_url_allowed_paths: [dir] },
    deploy: { http_root: dir, http_url: site.url, ...config.deploy },
    pxe: { instance_master_path: join(dir, 'masters') },
  }
  const info = { redfish_address: bed.url, ...bed.account, ...driverInfo }
  const node = {
    driver: 'redfish',
    bootInterface: 'redfish-virtual-media',
    provisionState: 'deploying',
    driverInfo: info,
    ...more,
  }
  return await testTask({ node, config: own, ctx: { clock: systemClock } })
}
const bootDevice = async () =>
  ((await bed.read())['Boot'] as JsonObject)['BootSourceOverrideTarget']
/** The URLs of the inserted images. */
const images = async (task: TestTask): Promise<unknown[]> =>
  (await listVirtualMedia(task)).flatMap((drive) => (drive['inserted'] ? [drive['image']] : []))
const discs = () => readdir(join(dir, 'redfish'))
const file = (name: string) => `file://${dir}/${name}`

describe('virtual media', () => {
  it('carries the agent, its parameters and its token, until it is cleaned up', async () => {
    const task = await taskOn({
      deploy_kernel: file('kernel'),
      deploy_ramdisk: file('ramdisk'),
      bootloader: file('esp'),
    })
    const { boot } = task.driver
    await boot.prepareRamdisk(task, { 'ipa-api-url': 'http://api' })
    const [name = ''] = await discs()
    expect(await images(task)).toEqual([`${site.url}/redfish/${name}`])
    expect(await bootDevice()).toBe('Cd')
    const disc = (await readFile(join(dir, 'redfish', name))).toString('latin1')
    const token = task.node.driverInternalInfo?.['agent_secret_token']
    expect(disc).toContain(
      `linux /vmlinuz nofb vga=normal ipa-api-url=http://api ipa-agent-token=${String(token)} boot_method=vmedia ir_pub_id=`,
    )
    await boot.cleanUpRamdisk(task)
    expect(await images(task)).toEqual([])
    expect(await discs()).toEqual([])
  })

  it('is a ready-made disc, for the agent and for an instance', async () => {
    const config = { deploy: { ramdisk_image_download_source: 'http' } }
    const task = await taskOn({ deploy_iso: `${site.url}/given.iso` }, {}, config)
    await task.driver.boot.prepareRamdisk(task, {})
    expect(await images(task)).toEqual([`${site.url}/given.iso`])
    await task.driver.boot.prepareInstance(task)
    expect(await bootDevice()).toBe('Hdd')
    const instance = {
      deployInterface: 'ramdisk',
      instanceInfo: { boot_iso: `${site.url}/given.iso`, ramdisk_image_download_source: 'http' },
    }
    const own = await taskOn({}, instance)
    await own.driver.boot.prepareInstance(own)
    expect(await bootDevice()).toBe('Cd')
    await own.driver.boot.cleanUpInstance(own)
    expect(await images(own)).toEqual([])
  })

  it('is not built without what it takes, nor of parameters that are none', async () => {
    const none = await taskOn({})
    await expect(none.driver.boot.prepareRamdisk(none, {})).rejects.toThrow(
      'Unable to find kernel, ramdisk',
    )
    const images = { deploy_kernel: file('kernel'), deploy_ramdisk: file('ramdisk') }
    const noLoader = await taskOn(images)
    await expect(noLoader.driver.boot.prepareRamdisk(noLoader, {})).rejects.toThrow(
      'needs a boot loader',
    )
    const odd = await taskOn({ ...images, bootloader: file('esp') })
    const params = { a: 'b\nmenuentry x {' }
    await expect(odd.driver.boot.prepareRamdisk(odd, params)).rejects.toThrow(
      'no kernel command line',
    )
    expect(await discs()).toEqual([])
  })
})

describe('inputs of redfish-virtual-media', () => {
  const agent = () => ({
    deploy_kernel: file('kernel'),
    deploy_ramdisk: file('ramdisk'),
    bootloader: file('esp'),
  })
  async function agentDisc(task: TestTask, params: JsonObject = {}): Promise<string> {
    await task.driver.boot.prepareRamdisk(task, params)
    const [name = ''] = await discs()
    return (await readFile(join(dir, 'redfish', name))).toString('latin1')
  }
  const done = async (task: TestTask): Promise<void> => {
    await task.driver.boot.cleanUpRamdisk(task)
    expect(await images(task)).toEqual([])
    expect(await discs()).toEqual([])
  }

  it('puts network_data on the disc, unless an inspection uses DHCP', async () => {
    const networkData = { links: [{ id: 'port0', type: 'phy' }], networks: [], services: [] }
    const task = await taskOn(agent(), { networkData })
    const disc = await agentDisc(task)
    expect(disc).toContain('network_data.json')
    expect(disc).toContain(JSON.stringify(networkData, null, 2))
    await done(task)
    const inspecting = { networkData, provisionState: 'inspecting' }
    const other = await taskOn(agent(), inspecting, { inspector: { force_dhcp: true } })
    expect(await agentDisc(other)).not.toContain('port0')
    await done(other)
  })

  it('puts the CA of the API on the disc', async () => {
    await writeFile(join(dir, 'ca.pem'), 'CERTIFICATE OF THE API')
    const task = await taskOn(agent(), {}, { agent: { api_ca_file: join(dir, 'ca.pem') } })
    const disc = await agentDisc(task)
    expect(disc).toContain('CERTIFICATE OF THE API')
    expect(disc).toContain('cafile = /etc/ironic-python-agent/ironic.crt')
    await done(task)
  })

  it.each<[string, JsonObject, JsonObject, string]>([
    ['driver_info', { kernel_append_params: 'mine=1' }, {}, 'linux /vmlinuz mine=1 '],
    [
      'instance_info, with the default in it',
      { kernel_append_params: 'mine=1' },
      { instanceInfo: { kernel_append_params: '%default% yours=2' } },
      'linux /vmlinuz nofb vga=normal yours=2 ',
    ],
  ])('takes kernel parameters from %s', async (_place, driverInfo, node, line) => {
    const task = await taskOn({ ...agent(), ...driverInfo }, node)
    expect(await agentDisc(task)).toContain(line)
    await done(task)
  })

  it('gives the agent the external address of the API', async () => {
    const deploy = { external_callback_url: 'https://outside:6385/' }
    const task = await taskOn(agent(), {}, { deploy })
    const inspection = 'http://inside:6385/v1/continue_inspection'
    const disc = await agentDisc(task, {
      'ipa-api-url': 'http://inside:6385',
      'ipa-inspection-callback-url': inspection,
    })
    expect(disc).toContain('ipa-api-url=https://outside:6385 ')
    expect(disc).toContain(
      'ipa-inspection-callback-url=https://outside:6385/v1/continue_inspection',
    )
    await done(task)
  })

  it('gives the BMC the external address, of the node before that of the configuration', async () => {
    const external = site.url.replace('127.0.0.1', 'localhost')
    const config = { deploy: { http_url: 'http://inside', external_http_url: external } }
    const task = await taskOn(agent(), {}, config)
    await agentDisc(task)
    expect(String((await images(task))[0])).toMatch(new RegExp(`^${external}/redfish/boot-`))
    await done(task)
    const own = await taskOn(
      { ...agent(), external_http_url: `${site.url}/` },
      {},
      { deploy: { http_url: 'http://inside', external_http_url: 'http://elsewhere' } },
    )
    await agentDisc(own)
    expect(String((await images(own))[0])).toMatch(new RegExp(`^${site.url}/redfish/boot-`))
    await done(own)
  })

  it('publishes with the mode that is configured', async () => {
    const task = await taskOn(agent())
    await agentDisc(task)
    const modeOf = async () =>
      (await stat(join(dir, 'redfish', (await discs())[0] ?? ''))).mode & 0o777
    expect(await modeOf()).toBe(0o644)
    await done(task)
    const open = { redfish: { ...base.redfish, file_permission: 0o604 } }
    const other = await taskOn(agent(), {}, open)
    await agentDisc(other)
    expect(await modeOf()).toBe(0o604)
    await done(other)
  })

  it('publishes deploy_iso and boot_iso over HTTP, whatever their scheme', async () => {
    const task = await taskOn({ deploy_iso: file('own.iso') })
    await task.driver.boot.prepareRamdisk(task, {})
    expect(await images(task)).toEqual([`${site.url}/redfish/${(await discs())[0]}`])
    await done(task)
    const instance = {
      deployInterface: 'ramdisk',
      instanceInfo: { boot_iso: `${site.url}/given.iso` },
    }
    const own = await taskOn({}, instance)
    await own.driver.boot.prepareInstance(own)
    expect(await images(own)).toEqual([`${site.url}/redfish/${(await discs())[0]}`])
    await own.driver.boot.cleanUpInstance(own)
    expect(await discs()).toEqual([])
  })

  it('inserts the config drive of a ramdisk deployment as a second drive', async () => {
    const instance = {
      deployInterface: 'ramdisk',
      instanceInfo: { boot_iso: file('own.iso'), configdrive: { user_data: 'hello drive' } },
    }
    const task = await taskOn({}, instance)
    await task.driver.boot.prepareInstance(task)
    const inserted = (await images(task)).map(String)
    expect(inserted).toHaveLength(2)
    const drive = inserted.find((url) => url.includes('configdrive-')) ?? ''
    const content = await readFile(join(dir, 'redfish', basename(drive)), 'latin1')
    expect(content).toContain('hello drive')
    await task.driver.boot.cleanUpInstance(task)
    expect(await images(task)).toEqual([])
    expect(await discs()).toEqual([])
  })

  it('gives a ramdisk that is the instance its own parameters', async () => {
    const instance = {
      deployInterface: 'ramdisk',
      instanceInfo: {
        kernel: file('kernel'),
        ramdisk: file('ramdisk'),
        ramdisk_kernel_arguments: 'console=ttyS0',
      },
    }
    const task = await taskOn({ bootloader: file('esp') }, instance)
    await task.driver.boot.prepareInstance(task)
    const disc = await readFile(join(dir, 'redfish', (await discs())[0] ?? ''), 'latin1')
    expect(disc).toContain('linux /vmlinuz root=/dev/ram0 text console=ttyS0 --')
    await task.driver.boot.cleanUpInstance(task)
  })

  it.each(['config_via_removable', 'config_via_floppy'])(
    'passes the parameters on a virtual disk with %s',
    async (name) => {
      const task = await taskOn({ deploy_iso: file('own.iso'), [name]: true })
      await task.driver.boot.prepareRamdisk(task, { 'ipa-api-url': 'http://api' })
      const floppy = (await images(task)).map(String).find((url) => url.includes('/image-')) ?? ''
      const content = await readFile(join(dir, 'redfish', basename(floppy)), 'latin1')
      const token = String(task.node.driverInternalInfo?.['agent_secret_token'])
      expect(content).toContain(
        `ipa-api-url=http://api\nipa-agent-token=${token}\nboot_method=vmedia`,
      )
      await done(task)
    },
  )

  it('switches Secure Boot on for an instance and off after it', async () => {
    const secure = async () => (await bed.read(`${systemPath}/SecureBoot`))['SecureBootEnable']
    const instance = { instanceInfo: { capabilities: { secure_boot: 'true' } } }
    const task = await taskOn(agent(), instance)
    await task.driver.boot.prepareInstance(task)
    expect(await secure()).toBe(true)
    await task.driver.boot.cleanUpInstance(task)
    expect(await secure()).toBe(false)
  })

  it('leaves the media of a machine in use alone at a take-over', async () => {
    const task = await taskOn(agent(), { provisionState: 'active' })
    await task.driver.boot.prepareRamdisk(task, {})
    expect(await images(task)).toEqual([])
  })

  it('refuses a protocol that the BMC lacks', async () => {
    const nfs = { base_url: 'nfs://server/export', share_path: join(dir, 'share') }
    const task = await taskOn({ ...agent(), vmedia_transport_protocol: 'nfs' }, {}, { nfs })
    await task.driver.boot.validate(task)
    await expect(task.driver.boot.prepareRamdisk(task, {})).rejects.toThrow('only supports')
  })

  it.each<[string, JsonObject, ConfigOverrides, string]>([
    ['a share that is not configured', { vmedia_transport_protocol: 'nfs' }, {}, '[nfs]base_url'],
    ['an unknown protocol', { vmedia_transport_protocol: 'gopher' }, {}, 'Valid values are'],
    ['Swift', {}, { redfish: { ...base.redfish, use_swift: true } }, 'use_swift'],
    ['no place to publish', {}, { deploy: { http_url: '' } }, 'needs [deploy] http_url'],
    ['malformed parameters', { kernel_append_params: 'a=\n' }, {}, 'malformed kernel'],
  ])('refuses %s before anything is done', async (_what, driverInfo, config, text) => {
    const task = await taskOn({ ...agent(), ...driverInfo }, {}, config)
    await expect(task.driver.boot.validate(task)).rejects.toThrow(text)
  })
})

describe('redfish-https', () => {
  it('has the firmware load the disc by HTTP, for the agent and for an instance', async () => {
    const images = { deploy_kernel: file('kernel'), deploy_ramdisk: file('ramdisk') }
    const info = { ...images, bootloader: file('esp') }
    const boot = async () => (await bed.read())['Boot'] as JsonObject
    const task = await taskOn(info, { bootInterface: 'redfish-https' })
    await task.driver.boot.validate(task)
    await task.driver.boot.prepareRamdisk(task, { 'ipa-api-url': 'http://api' })
    const [name] = await discs()
    // The emulator stands in for the firmware: it loads the image and shows it as a CD.
    expect(await boot()).toMatchObject({
      BootSourceOverrideTarget: 'Cd',
      HttpBootUri: `${site.url}/redfish/${name}`,
    })
    await task.driver.boot.cleanUpRamdisk(task)
    expect(await discs()).toEqual([])
    await task.driver.boot.prepareInstance(task)
    expect((await boot())['BootSourceOverrideTarget']).toBe('Hdd')
    const instance = {
      bootInterface: 'redfish-https',
      deployInterface: 'ramdisk',
      instanceInfo: { boot_iso: file('own.iso') },
    }
    const own = await taskOn({}, instance)
    await own.driver.boot.prepareInstance(own)
    expect(await boot()).toMatchObject({
      HttpBootUri: `${site.url}/redfish/${(await discs())[0]}`,
    })
    await own.driver.boot.cleanUpInstance(own)
    expect(await discs()).toEqual([])
  })
})
