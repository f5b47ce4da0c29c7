// Config drives in a real Swift, by its own temporary URLs; who may write there, a stand-in of Keystone says.
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { defaultConfig } from '../../src/config/index.js'
import type { NodeRow } from '../../src/db/rows.js'
import { readIso } from '../../src/images/iso9660/read.js'
import { createSwiftClient } from '../../src/openstack/swift/client.js'
import { servePeers, type Peers } from '../_util/peers/serve.js'
import { AgentBed } from '../agent/_util/bed.js'
import { JumpingClock } from '../conductor/_clock.js'
import { likeBed } from '../conductor/_harness.js'

const account = 'AUTH_ironic'
const container = 'drives'
const key = 'the key of the account'
const bed = new AgentBed()
let peers: Peers
let swift = ''
let token = ''
let keystone: Server
/** What Keystone gives out: a token Swift takes, or one it takes no more. */
let given: string[] = []

/** Asks Swift as its operator. */
async function asOperator(method: string, path = '', headers: Record<string, string> = {}) {
  const response = await fetch(`${swift}/v1/${account}${path}`, {
    method,
    headers: { 'x-auth-token': token, ...headers },
    signal: AbortSignal.timeout(20_000),
  })
  return { status: response.status, headers: response.headers, text: await response.text() }
}

const setKey = (value: string) => asOperator('POST', '', { 'X-Account-Meta-Temp-URL-Key': value })

async function startKeystone(): Promise<string> {
  keystone = createServer((request, response) => {
    request.resume().once('end', () => {
      const endpoints = [{ interface: 'internal', region: 'one', url: `${swift}/v1/${account}` }]
      const body = {
        token: {
          expires_at: '2100-01-01T00:00:00Z',
          catalog: [{ type: 'object-store', endpoints }],
        },
      }
      response.writeHead(201, { 'X-Subject-Token': given.shift() ?? token })
      response.end(JSON.stringify(body))
    })
  })
  await new Promise<void>((resolve) => keystone.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(keystone.address() as AddressInfo).port}`
}

beforeAll(async () => {
  peers = await servePeers(['swift'])
  const [peer] = peers.peers
  swift = peer?.url ?? ''
  token = peer?.token ?? ''
  const auth_url = await startKeystone()
  await setKey(key)
  await bed.open(
    {
      conductor: {
        automated_clean: false,
        configdrive_swift_container: container,
        configdrive_swift_temp_url_duration: 600,
      },
      deploy: { configdrive_use_object_store: true },
      swift: { auth_url, username: 'ironic', password: 'p', project_name: 'service' },
    },
    // Swift reads its own clock.
    new JumpingClock(Date.now()),
  )
}, 900_000)
afterEach(() => bed.machines.stopAll())
afterAll(async () => {
  await bed.close()
  keystone.close()
  await peers[Symbol.asyncDispose]()
})

const drive = { meta_data: { name: 'x' }, user_data: 'a secret of the tenant' }

async function deploying(configdrive: unknown = drive): Promise<NodeRow> {
  const node = await bed.node({ instanceInfo: bed.image })
  expect((await bed.verb(node, 'active', { configdrive })).status).toBe(202)
  await bed.drain()
  return node
}
const driveOf = async (node: NodeRow): Promise<string> =>
  String((await bed.state(node)).instanceInfo?.['configdrive'])
const object = (node: NodeRow) => `/${container}/configdrive-${node.uuid}`
const status = async (url: string) => (await fetch(url)).status

describe('a config drive in Swift', () => {
  it('is read by who has its URL, and by nobody else', async () => {
    const node = await deploying()
    const url = await driveOf(node)
    const plain = `${swift}/v1/${account}${object(node)}`
    expect(url.startsWith(`${plain}?temp_url_sig=`)).toBe(true)

    const text = await (await fetch(url)).text()
    const files = readIso(gunzipSync(Buffer.from(text, 'base64')))
    expect(
      files.find(({ path }) => path === 'openstack/latest/user_data')?.content.toString(),
    ).toBe(drive.user_data)
    expect(await status(plain)).toBe(401)
    expect(await status(url.replace(/sig=(.)/, (_, c) => `sig=${c === '0' ? 1 : 0}`))).toBe(401)
    expect((await fetch(url, { method: 'PUT', body: 'other' })).status).toBe(401)
  })

  it('is gone after its time, and so is its URL', async () => {
    const node = await deploying()
    const { headers } = await asOperator('HEAD', object(node))
    const seconds = Number(headers.get('x-delete-at')) - Date.now() / 1000
    expect(seconds).toBeGreaterThan(540)
    expect(seconds).toBeLessThanOrEqual(601)
    const expires = Number(new URL(await driveOf(node)).searchParams.get('temp_url_expires'))
    expect(Math.abs(expires - Number(headers.get('x-delete-at')))).toBeLessThan(60)
  })

  it('is told to the agent, and shown to nobody', async () => {
    const node = await deploying()
    const url = await driveOf(node)
    const { agent } = bed.machine(node)
    await agent?.start()
    const done = await bed.until(node, 'active')
    expect(done.lastError).toBeNull()
    const [write] = agent?.named('execute_deploy_step') ?? []
    expect(write?.params).toMatchObject({ step: { args: { configdrive: url } } })
    const shown = (await bed.send('GET', `/v1/nodes/${node.uuid}`, { version: '1.87' })).body
    expect(shown).toMatchObject({ instance_info: { configdrive: '******' } })
    expect(JSON.stringify(shown)).not.toContain('temp_url_sig')
  })

  it('is removed with its instance', async () => {
    const node = await deploying()
    expect((await asOperator('HEAD', object(node))).status).toBe(200)
    expect((await bed.verb(node, 'deleted')).status).toBe(202)
    await bed.drain()
    expect((await bed.state(node)).provisionState).toBe('available')
    expect((await asOperator('HEAD', object(node))).status).toBe(404)
  })

  it('stays where it is when it is somewhere already', async () => {
    const elsewhere = 'https://drives.test/one'
    const node = await deploying(elsewhere)
    expect(await driveOf(node)).toBe(elsewhere)
    expect((await asOperator('HEAD', object(node))).status).toBe(404)
    await bed.verb(node, 'deleted')
    await bed.drain()
    expect((await bed.state(node)).provisionState).toBe('available')
  })

  it('is stored with a new token when the old one has ended', async () => {
    const { deploy, swift: settings } = bed.ctx.config
    // Another process, which has no token yet.
    const config = defaultConfig({ deploy, swift: settings, conductor: bed.ctx.config.conductor })
    const before = bed.ctx
    given = ['a token of yesterday']
    bed.ctx = likeBed(before, { config: { ...before.config, swift: config.swift } })
    try {
      const node = await deploying()
      expect(await status(await driveOf(node))).toBe(200)
      expect(given).toEqual([])
    } finally {
      bed.ctx = before
    }
  })
})

describe('a config drive that cannot be stored', () => {
  async function failing(): Promise<NodeRow> {
    const node = await deploying()
    const now = await bed.state(node)
    expect(now.provisionState).toBe('deploy failed')
    expect(now.instanceInfo).not.toHaveProperty('configdrive')
    return now
  }

  it('fails the deployment without a key to sign with, and can be tried again', async () => {
    await setKey('')
    const failed = await failing()
    expect(failed.lastError).toBe(
      'Failed to prepare the configdrive. Exception: Swift temporary URLs require a shared secret to be created. You must provide pre-generate the key on the project used to access Swift.',
    )
    await setKey(key)
    await bed.verb(failed, 'active', { configdrive: drive })
    await bed.drain()
    expect((await bed.state(failed)).provisionState).toBe('wait call-back')
    expect(await status(await driveOf(failed))).toBe(200)
  })

  it.each([
    [
      'is not there',
      'http://127.0.0.1:9/v1/AUTH_x',
      "Swift operation 'head account' failed: Swift at http://127.0.0.1:9/v1/AUTH_x cannot be reached",
    ],
    ['is another server', null, "Swift operation 'head account' failed: Swift answered "],
  ])('fails the deployment when Swift %s', async (_, url, text) => {
    const before = bed.ctx
    const { config } = before
    const endpoint_override = url ?? `${swift}/nothing`
    const elsewhere = { ...config, swift: { ...config.swift, endpoint_override } }
    bed.ctx = likeBed(before, { config: elsewhere })
    try {
      expect((await failing()).lastError).toContain(
        `Failed to upload the configdrive to Swift: ${text}`,
      )
    } finally {
      bed.ctx = before
    }
  })

  it('does not keep an instance from being removed', async () => {
    const node = await deploying()
    const before = bed.ctx
    const { config } = before
    const endpoint_override = 'http://127.0.0.1:9/v1/AUTH_x'
    const elsewhere = { ...config, swift: { ...config.swift, endpoint_override } }
    bed.ctx = likeBed(before, { config: elsewhere })
    try {
      await bed.verb(node, 'deleted')
      await bed.drain()
      expect((await bed.state(node)).provisionState).toBe('available')
    } finally {
      bed.ctx = before
    }
    expect((await asOperator('HEAD', object(node))).status).toBe(200)
  })
})

describe('the client', () => {
  const client = () =>
    createSwiftClient({
      endpoint: () => Promise.resolve(`${swift}/v1/${account}/`),
      token: () => Promise.resolve(token),
      forgetToken: () => undefined,
      timeoutMs: 20_000,
    })
  const one = { container: 'other drives', name: 'a/b c' }
  const signal = () => AbortSignal.timeout(30_000)

  it('makes the container, whatever its name, and removes what is there or not', async () => {
    await client().store(one, 'text', 600, signal())
    const url = await client().temporaryUrl(one, new Date(Date.now() + 60_000), signal())
    expect(await (await fetch(String(url))).text()).toBe('text')
    for (let i = 0; i < 2; i++) await client().remove(one, signal())
    expect(await status(String(url))).toBe(404)
  })

  it('signs URLs that end', async () => {
    await client().store(one, 'text', 600, signal())
    const ended = await client().temporaryUrl(one, new Date(Date.now() - 1000), signal())
    expect(await status(String(ended))).toBe(401)
  })

  it('has Swift forget what is over', async () => {
    await client().store(one, 'text', 1, signal())
    const url = await client().temporaryUrl(one, new Date(Date.now() + 60_000), signal())
    await expect.poll(() => status(String(url)), { timeout: 10_000, interval: 250 }).toBe(404)
  })
})
