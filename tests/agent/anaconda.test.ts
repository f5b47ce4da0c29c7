import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startApi, type ApiServer } from '../../src/api/server.js'
import { systemCaller } from '../../src/conductor/work/caller.js'
import { nodeTask } from '../../src/conductor/node/with-node.js'
import { timeoutPeriodics } from '../../src/conductor/periodic/timeouts.js'
import { acquire, release } from '../../src/conductor/lock/reservation.js'
import type { NodeInsert, NodeRow } from '../../src/db/rows.js'
import { ports } from '../../src/db/schema/index.js'
import { startBootHttp, type BootHttp } from '../../src/netboot/http.js'
import { agentBed } from './_util/bed.js'
import { SimAnaconda } from './_util/sim-anaconda.js'

const bed = agentBed({ conductor: { automated_clean: false, deploy_callback_timeout: 1800 } })
let dir: string
let api: ApiServer
let boot: BootHttp
let images: Server
let imagesUrl: string
const asked: string[] = []

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ferric-anaconda-bed-'))
  await mkdir(join(dir, 'images'))
  for (const name of ['kernel', 'initrd', 'stage2', 'root.tar.xz'])
    await writeFile(join(dir, 'images', name), `the ${name}`)
  const { config } = bed.ctx
  Object.assign(config.conductor, { file_url_allowed_paths: [dir] })
  Object.assign(config.pxe, { instance_master_path: join(dir, 'cache') })
  Object.assign(config.api, { port: 0 })
  api = await startApi(bed.ctx)
  boot = await startBootHttp(bed.ctx, {
    host: '127.0.0.1',
    port: 0,
    report: ({ path }) => void asked.push(String(path)),
  })
  Object.assign(config.deploy, {
    http_root: join(dir, 'http'),
    http_url: `http://127.0.0.1:${boot.port}`,
  })
  Object.assign(config.service_catalog, { endpoint_override: api.url })
  images = createServer((request, response) => {
    const found = ['/root.tar.xz', '/os/', '/noslash'].includes(request.url ?? '')
    const type = request.url === '/noslash' ? 'text/html' : 'application/octet-stream'
    response.writeHead(found ? 200 : 404, { 'content-type': type })
    response.end()
  })
  await new Promise<void>((resolve) => images.listen(0, '127.0.0.1', resolve))
  imagesUrl = `http://127.0.0.1:${(images.address() as AddressInfo).port}`
}, 60_000)
afterAll(async () => {
  images.close()
  await boot.close()
  await api.close(0)
  await rm(dir, { recursive: true, force: true })
})

const file = (name: string) => `file://${dir}/images/${name}`
/** An archive that is installed; `root_gb` is asked for as of every image that is no whole disk. */
const archive = () => ({
  image_source: `${imagesUrl}/root.tar.xz`,
  kernel: file('kernel'),
  ramdisk: file('initrd'),
  stage2: file('stage2'),
  root_gb: 10,
})

interface Installed {
  readonly node: NodeRow
  readonly mac: string
}

let macs = 0
async function machine(
  instanceInfo: Record<string, unknown> = archive(),
  more: Partial<NodeInsert> = {},
): Promise<Installed> {
  const node = await bed.node({
    bootInterface: 'ipxe',
    deployInterface: 'anaconda',
    managementInterface: 'sim',
    instanceInfo,
    driverInfo: { deploy_kernel: file('kernel'), deploy_ramdisk: file('initrd') },
    ...more,
  })
  const mac = `52:54:00:0a:00:${(++macs).toString(16).padStart(2, '0')}`
  await bed.db.orm
    .insert(ports)
    .values({ uuid: randomUUID(), nodeId: node.id, address: mac, pxeEnabled: true })
  return { node, mac }
}

const installer = async ({ mac }: Installed): Promise<SimAnaconda> => {
  const found = await SimAnaconda.boot(`http://127.0.0.1:${boot.port}`, mac)
  if (found === null) throw new Error('the machine was sent to its disk')
  return found
}

/** A machine whose installer has been booted. */
async function installing(...args: Parameters<typeof machine>) {
  const found = await machine(...args)
  expect((await bed.verb(found.node, 'active')).status).toBe(202)
  await bed.drain()
  const now = await bed.state(found.node)
  expect([now.provisionState, now.lastError]).toEqual(['wait call-back', null])
  return { ...found, anaconda: await installer(found) }
}

async function report(anaconda: SimAnaconda, section: string): Promise<void> {
  await anaconda.runSections(section)
  await bed.drain()
}

const validated = async ({ node }: Installed) =>
  (await bed.send('GET', `/v1/nodes/${node.uuid}/validate`, { version: '1.87' })).body as Record<
    string,
    { result: boolean; reason?: string }
  >

describe('an installation by Anaconda', () => {
  it('boots the installer, hears its reports, and boots the disk', async () => {
    const { node, mac, anaconda } = await installing()
    expect(anaconda.loaded).toEqual(['the kernel', 'the initrd', 'the stage2'])
    expect(anaconda.option('liveimg', 'url')).toBe(`${imagesUrl}/root.tar.xz`)
    expect(bed.machine(node).booted).toHaveLength(1)
    expect(asked).toContain(`/${node.uuid}/ks.cfg`)

    const before = await bed.state(node)
    bed.ctx.clock.advance(60_000)
    await report(anaconda, 'pre')
    const started = await bed.state(node)
    expect(started.provisionState).toBe('wait call-back')
    expect(started.driverInternalInfo).toMatchObject({ agent_status: 'start', agent_url: '' })
    expect(Number(started.provisionUpdatedAt)).toBeGreaterThan(Number(before.provisionUpdatedAt))

    await report(anaconda, 'post')
    const done = await bed.state(node)
    expect([done.provisionState, done.lastError, done.powerState]).toEqual([
      'active',
      null,
      'power on',
    ])
    expect(bed.machine(node).booted).toHaveLength(2)
    expect(done.driverInternalInfo).not.toHaveProperty('agent_secret_token')
    // Nothing is served any more, neither boot script nor kickstart file.
    expect(done.driverInternalInfo).not.toHaveProperty('ferric_boot')
    await expect(SimAnaconda.boot(`http://127.0.0.1:${boot.port}`, mac)).rejects.toThrow('404')
    const { body } = await bed.send('GET', `/ferric/v1/nodes/${node.uuid}/timeline`, {})
    expect(JSON.stringify(body)).toContain('the installer reports end: The installation is comp')
    const late = await fetch(anaconda.kernelParameters.get('inst.ks') ?? '')
    expect(late.status).toBe(404)
    expect(bed.machine(node).told).toEqual(['pxe', 'disk'])
  })

  it('installs packages of a repository', async () => {
    const { stage2: _, ...rest } = archive()
    const { node, anaconda } = await installing({ ...rest, image_source: `${imagesUrl}/os/` })
    expect(anaconda.option('url', 'url')).toBe(`${imagesUrl}/os/`)
    expect(anaconda.kernelParameters.get('inst.repo')).toBe(`${imagesUrl}/os/`)
    expect(anaconda.kernelParameters.has('inst.stage2')).toBe(false)
    await report(anaconda, 'post')
    expect((await bed.state(node)).provisionState).toBe('active')
  })

  it('sees that a page is a repository', async () => {
    const { stage2: _, ...rest } = archive()
    const { anaconda } = await installing({ ...rest, image_source: `${imagesUrl}/noslash` })
    expect(anaconda.kernelParameters.get('inst.repo')).toBe(`${imagesUrl}/noslash`)
  })

  it('serves an archive from here, by a name that says what it is', async () => {
    const info = { ...archive(), image_source: file('root.tar.xz') }
    const { node, anaconda } = await installing(info)
    const url = `http://127.0.0.1:${boot.port}/agent_images/${node.uuid}.tar.xz`
    expect(anaconda.option('liveimg', 'url')).toBe(url)
    expect(await (await fetch(url)).text()).toBe('the root.tar.xz')
    await report(anaconda, 'post')
    expect(await readdir(join(dir, 'http', 'agent_images'))).toEqual([])
  })

  it('carries the config drive, and shows it to nobody else', async () => {
    const { node, anaconda } = await installing({
      ...archive(),
      configdrive: { user_data: 'a secret of the tenant' },
    })
    expect(anaconda.sections.map(({ name }) => name)).toEqual(['pre', 'onerror', 'post', 'post'])
    expect(anaconda.kickstart).toContain(
      Buffer.from('a secret of the tenant').toString('base64').slice(0, 24),
    )
    const shown = JSON.stringify(
      (await bed.send('GET', `/v1/nodes/${node.uuid}`, { version: '1.87' })).body,
    )
    expect(shown).not.toContain('a secret of the tenant')
    const [, token = '-'] = /"agent_token": "([^"]+)"/.exec(anaconda.kickstart) ?? []
    expect(token).toMatch(/^[\w-]{43}$/)
    expect(shown).not.toContain(token)
    await report(anaconda, 'post')
    expect((await bed.state(node)).provisionState).toBe('active')
  })

  it('hears the only report of the end, however long somebody else has the node', async () => {
    const { node, anaconda } = await installing()
    const signal = AbortSignal.timeout(30_000)
    const owned = await acquire(bed.ctx, node.id, { purpose: 'test', signal })
    await report(anaconda, 'post')
    bed.ctx.clock.advance(600_000)
    await bed.again()
    expect((await bed.state(node)).provisionState).toBe('wait call-back')
    await release(bed.ctx, owned.held)
    bed.ctx.clock.advance(1000)
    await bed.again()
    expect((await bed.state(node)).provisionState).toBe('active')
  })

  it('goes on after a crash between the last report and the disk', async () => {
    const { node, anaconda } = await installing()
    await anaconda.runSections('post')
    await bed.takenOver()
    const done = await bed.state(node)
    expect([done.provisionState, done.lastError]).toEqual(['active', null])
  })
})

describe('an installation that fails', () => {
  it('ends with what the installer says, and can be tried again', async () => {
    const failed = await installing()
    await report(failed.anaconda, 'pre')
    await report(failed.anaconda, 'onerror')
    const now = await bed.state(failed.node)
    expect([now.provisionState, now.powerState]).toEqual(['deploy failed', 'power off'])
    expect(now.lastError).toBe(
      'The installation failed; the reason is on the console of the machine and in /tmp/anaconda.log.',
    )
    expect((await bed.verb(failed.node, 'active')).status).toBe(202)
    await bed.drain()
    const again = await installer(failed)
    const tokenOf = ({ kickstart }: SimAnaconda) => /"agent_token": "([^"]+)"/.exec(kickstart)?.[1]
    expect(tokenOf(again)).not.toBe(tokenOf(failed.anaconda))
    // The old installer's end is not this one's.
    await expect(failed.anaconda.runSections('post')).rejects.toThrow('400')
    await bed.drain()
    expect((await bed.state(failed.node)).provisionState).toBe('wait call-back')
    await report(again, 'pre')
    await report(again, 'post')
    expect((await bed.state(failed.node)).provisionState).toBe('active')
  })

  it('ends when nothing is heard for too long', async () => {
    const { node, anaconda } = await installing()
    await report(anaconda, 'pre')
    bed.ctx.clock.advance(3600_000)
    for (const periodic of timeoutPeriodics(bed.ctx))
      await periodic.run(bed.ctx, AbortSignal.timeout(30_000))
    await bed.drain()
    const now = await bed.state(node)
    expect(now.provisionState).toBe('deploy failed')
    expect(now.lastError).toMatch(/Timeout reached while waiting for callback/)
  })

  it.each([
    ['without a variable it must have', '{{ ks_options.agent_token }}', 'variables are missing'],
    ['with one that is none', '{{ ks_options.more }}', 'is not a valid kickstart option'],
    ['that is none', '{% if %}', 'cannot be rendered'],
  ])('ends with a template %s', async (_, text, expected) => {
    const path = join(dir, 'images', `${randomUUID()}.cfg`)
    await writeFile(path, text)
    const { node } = await machine({ ...archive(), ks_template: `file://${path}` })
    await bed.verb(node, 'active')
    await bed.drain()
    const now = await bed.state(node)
    expect(now.provisionState).toBe('deploy failed')
    expect(now.lastError).toContain(expected)
    expect(bed.machine(node).booted).toEqual([])
  })

  it('ends with a config drive that is no disc', async () => {
    const configdrive = Buffer.alloc(4096).toString('base64')
    const { node } = await machine({ ...archive(), configdrive })
    await bed.verb(node, 'active')
    await bed.drain()
    const now = await bed.state(node)
    expect(now.provisionState).toBe('deploy failed')
    expect(now.lastError).toContain('The config drive is no readable ISO 9660 disc')
    expect(bed.machine(node).booted).toEqual([])
  })

  it.each([['kernel'], ['stage2']])('ends when the %s cannot be had', async (which) => {
    const { node } = await machine({ ...archive(), [which]: file('absent') })
    await bed.verb(node, 'active')
    await bed.drain()
    const now = await bed.state(node)
    expect(now.provisionState).toBe('deploy failed')
    expect(now.lastError).toContain('absent')
  })
})

describe('what is refused beforehand', () => {
  const cannot = (uuid: string) =>
    `Cannot validate image information for node ${uuid} because one or more parameters are missing from its instance_info and insufficient information is present to boot from a remote volume. Missing are: `
  it.each([
    ['no image', { image_source: null }, (uuid: string) => `${cannot(uuid)}['image_source']`],
    [
      'no kernel and no ramdisk',
      { kernel: null, ramdisk: null },
      (uuid: string) => `${cannot(uuid)}['kernel', 'ramdisk']`,
    ],
    [
      'an archive without a second stage',
      { stage2: null },
      () =>
        `'stage2_id' is missing from the properties of the OS image ${imagesUrl}/root.tar.xz. The anaconda deploy interface requires this to be set with the OS image or in instance_info['stage2']. `,
    ],
  ])('%s', async (_, change, text) => {
    const found = await machine({ ...archive(), ...change })
    const { boot: said, deploy } = await validated(found)
    expect(deploy).toEqual({ result: false, reason: text(found.node.uuid) })
    expect(said).toEqual(deploy)
    expect((await bed.verb(found.node, 'active')).status).toBe(400)
  })

  it('a boot that is not from the network', async () => {
    const found = await machine(archive(), { bootInterface: 'media' })
    expect((await validated(found))['deploy']).toEqual({
      result: false,
      reason:
        'Invalid configuration: The boot interface must have the `pxe_boot` capability. You are using an incompatible boot interface.',
    })
  })

  it('machines without a server for files', async () => {
    const found = await machine()
    const { http_url: url } = bed.ctx.config.deploy
    Object.assign(bed.ctx.config.deploy, { http_url: null })
    Object.assign(bed.ctx.config.ferric, { boot: false })
    try {
      const pxe = await machine(archive(), { bootInterface: 'pxe' })
      expect((await validated(pxe))['deploy']?.reason).toBe(
        "'kickstart' boot option is set on the node but no HTTP URL or HTTP root was specified",
      )
    } finally {
      Object.assign(bed.ctx.config.deploy, { http_url: url })
      Object.assign(bed.ctx.config.ferric, { boot: true })
    }
    expect((await validated(found))['deploy']).toEqual({ result: true })
  })
})

it('trusts the installed system only, where secure boot is wanted', async () => {
  const { node, anaconda } = await installing(
    { ...archive(), capabilities: { secure_boot: 'true' } },
    { properties: { capabilities: 'secure_boot:true' } },
  )
  expect(bed.machine(node).told).toEqual(['pxe'])
  await report(anaconda, 'post')
  expect((await bed.state(node)).lastError).toBeNull()
  expect(bed.machine(node).told).toEqual(['pxe', 'secure boot off', 'disk', 'secure boot on'])
})

it('leaves nothing behind when the instance is removed, even while it is installed', async () => {
  const found = await installing({ ...archive(), image_source: file('root.tar.xz') })
  await report(found.anaconda, 'onerror')
  expect((await bed.verb(found.node, 'deleted')).status).toBe(202)
  await bed.drain()
  const now = await bed.state(found.node)
  expect([now.provisionState, now.instanceInfo]).toEqual(['available', {}])
  expect(now.driverInternalInfo).not.toHaveProperty('ferric_boot')
  expect(now.driverInternalInfo).not.toHaveProperty('agent_secret_token')
  expect(await readdir(join(dir, 'http', 'agent_images'))).toEqual([])
  await expect(installer(found)).rejects.toThrow('404')
})

it.each([['active'], ['unrescuing']])(
  'boots the disk, not the installer, when the node is %s',
  async (provisionState) => {
    const { node } = await machine(archive(), { provisionState })
    const signal = AbortSignal.timeout(30_000)
    const owned = await acquire(bed.ctx, node.id, { purpose: 'test', signal })
    const task = nodeTask(bed.ctx, systemCaller(signal), owned)
    await task.driver.deploy.prepare(task)
    expect(task.node.driverInternalInfo).not.toHaveProperty('ferric_boot')
    expect(bed.machine(node).told).toEqual(provisionState === 'active' ? [] : ['disk'])
    await task.finish()
  },
)
