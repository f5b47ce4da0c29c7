// Booting from virtual media against sushy-tools' emulator: the disc is built, fetched by the BMC from where
// it was put up, inserted, booted from, and gone afterwards.
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ConfigOverrides } from '../../src/config/index.js'
import type { JsonObject } from '../../src/db/columns.js'
import { listVirtualMedia } from '../../src/drivers/redfish/boot/virtual-media.js'
import { systemClock } from '../../src/clock.js'
import { testTask } from '../drivers/_util/task.js'
import { servePeers, type Peers } from '../_util/peers/serve.js'
import { bedOf, config as base, type Bed } from './redfish/bed.js'

let peers: Peers
let bed: Bed
let dir: string
let site: { url: string; close: () => Promise<unknown> }

/** Serves what is put up, and a disc of somebody else. */
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
}, 300_000)

afterAll(async () => {
  await site.close()
  await peers[Symbol.asyncDispose]()
  await rm(dir, { recursive: true, force: true })
})

async function taskOn(driverInfo: JsonObject, more: JsonObject = {}) {
  const own: ConfigOverrides = {
    ...base,
    DEFAULT: {
      ...base.DEFAULT,
      state_path: dir,
      enabled_boot_interfaces: ['redfish-virtual-media', 'ipxe'],
      enabled_deploy_interfaces: ['direct', 'ramdisk'],
    },
    conductor: { ...base.conductor, file_url_allowed_paths: [dir] },
    deploy: { http_root: dir, http_url: site.url },
    pxe: { instance_master_path: join(dir, 'masters') },
  }
  const info = { redfish_address: bed.url, ...bed.account, ...driverInfo }
  const node = {
    driver: 'redfish',
    bootInterface: 'redfish-virtual-media',
    driverInfo: info,
    ...more,
  }
  return await testTask({ node, config: own, ctx: { clock: systemClock } })
}
const bootDevice = async () =>
  ((await bed.read())['Boot'] as JsonObject)['BootSourceOverrideTarget']
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
    const inserted = (await listVirtualMedia(task)).filter((drive) => drive['inserted'])
    expect(inserted.map((drive) => drive['image'])).toEqual([`${site.url}/redfish/${name}`])
    expect(await bootDevice()).toBe('Cd')
    const disc = (await readFile(join(dir, 'redfish', name))).toString('latin1')
    const token = task.node.driverInternalInfo?.['agent_secret_token']
    expect(disc).toContain(
      `linux /vmlinuz nofb vga=normal ipa-api-url=http://api ipa-agent-token=${String(token)} boot_method=vmedia ir_pub_id=`,
    )
    await boot.cleanUpRamdisk(task)
    expect((await listVirtualMedia(task)).some((drive) => drive['inserted'])).toBe(false)
    expect(await discs()).toEqual([])
  })

  it('is a disc that was given, for the agent and for an instance', async () => {
    const task = await taskOn({ deploy_iso: `${site.url}/given.iso` })
    await task.driver.boot.prepareRamdisk(task, {})
    expect((await listVirtualMedia(task)).map((drive) => drive['image'])).toContain(
      `${site.url}/given.iso`,
    )
    await task.driver.boot.prepareInstance(task)
    expect(await bootDevice()).toBe('Hdd')
    const instance = {
      deployInterface: 'ramdisk',
      instanceInfo: { boot_iso: `${site.url}/given.iso` },
    }
    const own = await taskOn({}, instance)
    await own.driver.boot.prepareInstance(own)
    expect(await bootDevice()).toBe('Cd')
    await own.driver.boot.cleanUpInstance(own)
    expect((await listVirtualMedia(own)).some((drive) => drive['inserted'])).toBe(false)
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
