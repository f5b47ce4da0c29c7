// Images of `oci://` references, out of a real container registry that wants tokens.
import { execFile } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { JsonObject } from '../../src/db/columns.js'
import type { NodeRow } from '../../src/db/rows.js'
import { AgentBed } from '../agent/_util/bed.js'
import { account, Registry, type Descriptor } from './registry/registry.js'

const manifestType = 'application/vnd.oci.image.manifest.v1+json'
const indexType = 'application/vnd.oci.image.index.v1+json'
const emptyType = 'application/vnd.oci.empty.v1+json'
const bed = new AgentBed()
/** Nothing a partition table could be seen in. */
const disks = { raw: randomBytes(200_000), arm: randomBytes(1000) }
let registry: Registry
let dir: string
let raw: Descriptor

/** An empty image of one MiB. */
async function qcow2(): Promise<Buffer> {
  const path = join(dir, 'disk.qcow2')
  await promisify(execFile)('qemu-img', ['create', '-q', '-f', 'qcow2', path, '1M'])
  return readFile(path)
}

async function artifact(name: string, bytes: Buffer, tag?: string): Promise<Descriptor> {
  const config = await registry.blob(name, Buffer.from('{}'), emptyType)
  const layer = await registry.blob(name, bytes, 'application/octet-stream')
  const annotations = { 'org.opencontainers.image.title': 'disk.img' }
  const layers = [{ ...layer, annotations }]
  return registry.manifest(
    name,
    { ...{ schemaVersion: 2, config, layers }, mediaType: manifestType },
    tag,
  )
}

beforeAll(async () => {
  registry = await Registry.start()
  dir = await mkdtemp(join(tmpdir(), 'ferric-oci-'))
  await writeFile(
    join(dir, 'auth.json'),
    JSON.stringify({ auths: { [registry.host]: { auth: 'token of nobody' } } }),
  )
  raw = await artifact('disks/os', disks.raw)
  const entry = (one: Descriptor, architecture: string, disktype: string) => ({
    ...one,
    platform: { architecture, os: 'linux' },
    annotations: { disktype },
  })
  const manifests = [
    entry(await artifact('disks/os', disks.arm), 'arm64', 'raw'),
    entry(await artifact('disks/os', await qcow2()), 'amd64', 'qcow2'),
    entry(raw, 'amd64', 'raw'),
    entry(await artifact('disks/os', Buffer.from('other')), 'amd64', 'vmdk'),
  ]
  const index = { schemaVersion: 2, mediaType: indexType, manifests }
  await registry.manifest('disks/os', index, '1.0')
  const config = await registry.blob(
    'boot/c',
    Buffer.from('{"os":"linux"}'),
    'application/vnd.oci.image.config.v1+json',
  )
  const layer = await registry.blob(
    'boot/c',
    randomBytes(500),
    'application/vnd.oci.image.layer.v1.tar+gzip',
  )
  const container = { schemaVersion: 2, mediaType: manifestType, config, layers: [layer, layer] }
  await registry.manifest('boot/c', container, 'latest')
  await bed.open({
    oci: {
      permit_fallback_to_http_transport: true,
      authentication_config: join(dir, 'auth.json'),
    },
    deploy: { http_url: 'http://192.0.2.1:8080', http_root: join(dir, 'http') },
    pxe: { instance_master_path: join(dir, 'cache') },
  })
}, 120_000)
afterEach(() => bed.machines.stopAll())
afterAll(async () => {
  await bed.close()
  await registry?.[Symbol.asyncDispose]()
  await rm(dir, { recursive: true, force: true })
})

async function deploying(name: string, more: JsonObject = {}, cpu = 'x86_64') {
  const node = await bed.node({
    properties: { cpu_arch: cpu },
    instanceInfo: {
      image_source: `oci://${registry.host}/${name}`,
      image_pull_secret: account,
      ...more,
    },
  })
  expect((await bed.verb(node, 'active')).status).toBe(202)
  await bed.drain()
  return { node, state: await bed.state(node) }
}

/** What the agent is told to write. */
async function writtenBy(node: NodeRow): Promise<Record<string, unknown>> {
  const { agent } = bed.machine(node)
  if (agent === null) throw new Error('no agent was booted')
  await bed.until(node, 'active')
  const step = agent.named('execute_deploy_step')[0]?.params['step'] as {
    args: { image_info: Record<string, unknown> }
  }
  return step.args.image_info
}

describe('an image in a registry', () => {
  it.each([
    ['disks/os:1.0', 'x86_64', 'raw', 'raw'],
    ['disks/os:1.0', 'aarch64', 'arm', 'raw'],
  ] as const)('of %s for %s is the one that fits', async (name, cpu, which, format) => {
    const { node, state } = await deploying(name, {}, cpu)
    const checksum = createHash('sha256').update(disks[which]).digest('hex')
    const url = `http://${registry.host}/v2/disks/os/blobs/sha256:${checksum}`
    expect(state.instanceInfo).toMatchObject({
      image_source: `oci://${registry.host}/disks/os:1.0`,
      image_url: url,
      image_checksum: checksum,
      image_size: disks[which].length,
      image_disk_format: format,
      image_filename: 'disk.img',
      image_media_type: 'application/octet-stream',
      oci_image_manifest_url: expect.stringMatching(/^oci:\/\/.*\/disks\/os@sha256:/),
    })
    const told = await writtenBy(node)
    expect(told).toMatchObject({ urls: [url], checksum, disk_format: format })
    const secret = Buffer.from(String(told['image_request_authorization']), 'base64').toString()
    const got = await fetch(url, { headers: { authorization: secret } })
    expect(Buffer.from(await got.arrayBuffer()).equals(disks[which])).toBe(true)
    const shown = await bed.send('GET', `/v1/nodes/${node.uuid}`, { version: '1.87' })
    expect(JSON.stringify(shown.body)).not.toContain(secret)
    expect(JSON.stringify(shown.body)).not.toContain('s3cret')
  })

  it('by its digest is that and nothing else', async () => {
    const { state } = await deploying(`disks/os@${raw.digest}`)
    expect(state.instanceInfo).toMatchObject({
      image_disk_format: 'unknown',
      oci_image_manifest_url: `oci://${registry.host}/disks/os@${raw.digest}`,
    })
    expect(state.driverInternalInfo).toMatchObject({
      image_source: `oci://${registry.host}/disks/os@${raw.digest}`,
      container_image_type: 'oci_artifact',
    })
  })

  it('is fetched here when it is to be served from here, the small one first', async () => {
    const { node, state } = await deploying('disks/os:1.0', { image_download_source: 'local' })
    expect(state.lastError).toBeNull()
    expect(state.instanceInfo).toMatchObject({
      image_url: `http://192.0.2.1:8080/agent_images/${node.uuid}`,
      image_disk_format: 'raw',
    })
    const served = await readFile(join(dir, 'http', 'agent_images', node.uuid))
    expect(served.length).toBe(1 << 20)
  })

  it('that installs itself stays a container', async () => {
    const { state } = await deploying('boot/c')
    expect(state.instanceInfo).toMatchObject({
      image_disk_format: 'bootc',
      image_url: `oci://${registry.host}/boot/c`,
    })
  })
})

describe('what cannot be had', () => {
  it.each([
    ['nobody:knows', 'disks/os:1.0', /^.*Not authorized for image oci:/],
    [null, 'disks/os:1.0', /Not authorized for image oci:/],
    [account, 'disks/os:9', /Image oci:.* could not be found/],
    [account, 'disks/os@sha256:abc', /digest length incorrect/],
    [account, 'boot/none:1', /could not be found|Not authorized/],
  ])('fails the deployment and says why (%s, %s)', async (image_pull_secret, name, text) => {
    const { state } = await deploying(name, { image_pull_secret })
    expect(state.provisionState).toBe('deploy failed')
    expect(state.lastError).toMatch(text)
    expect(state.lastError).not.toContain('s3cret')
  })

  it('was asked for as the configuration says when the node says nothing', async () => {
    registry.logins.length = 0
    await deploying('disks/os:1.0', { image_pull_secret: null })
    const own = `Basic ${Buffer.from(':token of nobody').toString('base64')}`
    expect(registry.logins).toEqual([own])
  })
})
