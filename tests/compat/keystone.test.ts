// Ferric behind a real Keystone: each kind of user, expired and revoked tokens, and Keystone away.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fakeConf } from '../../scripts/peers/conf.mjs'
import { Ferric } from '../_util/peers/ferric.js'
import { Rest } from '../_util/peers/rest.js'
import { openstackClouds } from './keystone/cloud.js'
import { Identity, type Scope, type User } from './keystone/identity.js'
import { Keystone } from './keystone/server.js'

const system: Scope = { system: { all: true } }
/** How long Ferric believes what it asked: short, so that a revocation shows within the test. */
const CACHE_SECONDS = 2

let keystone: Keystone
let identity: Identity
let ferric: Ferric
let mine: string
let users: Record<string, User>
const tokens: Record<string, string> = {}
const nodes = { mine: '', theirs: '' }

const as = (token: string) => new Rest(ferric.url, '1.115', { 'X-Auth-Token': token })
const status = async (who: string, method: string, path: string, body?: unknown) =>
  (await as(tokens[who] ?? who).send(method, path, body)).status

async function people(): Promise<void> {
  mine = await identity.project('mine')
  const service = await identity.project('service')
  const project = (id: string): Scope => ({ project: { id } })
  const wanted: [string, string, string, Scope][] = [
    ['system_admin', 'admin', 'system', system],
    ['system_reader', 'reader', 'system', system],
    ['project_admin', 'admin', mine, project(mine)],
    ['member', 'member', mine, project(mine)],
    ['reader', 'reader', mine, project(mine)],
    ['stranger', 'admin', service, project(service)],
    ['ferric', 'service', service, project(service)],
  ]
  users = {}
  for (const [name, role, place, scope] of wanted) {
    const user = await identity.user(name)
    await identity.grant(user, role, place)
    users[name] = user
    tokens[name] = await identity.token(user, scope)
  }
}

beforeAll(async () => {
  keystone = await Keystone.prepare()
  await keystone.start()
  identity = new Identity(keystone.url)
  await identity.login()
  await people()
  const conf = fakeConf({
    DEFAULT: { auth_strategy: 'keystone' },
    keystone_authtoken: {
      auth_url: keystone.url,
      www_authenticate_uri: 'http://keystone.test',
      auth_type: 'password',
      username: 'ferric',
      password: users['ferric']?.password ?? '',
      user_domain_id: 'default',
      project_name: 'service',
      project_domain_id: 'default',
      token_cache_time: CACHE_SECONDS,
      http_request_max_retries: 1,
    },
  })
  ferric = await Ferric.prepare('embedded', conf, { 'X-Auth-Token': tokens['system_admin'] ?? '' })
  await ferric.start()
  const admin = as(tokens['system_admin'] ?? '')
  const make = (name: string, owner: string) =>
    admin.must<{ uuid: string }>('POST', '/nodes', { name, owner, driver: 'fake-hardware' })
  nodes.mine = (await make('mine', mine)).uuid
  nodes.theirs = (await make('theirs', 'somebody')).uuid
}, 300_000)

afterAll(async () => {
  await ferric?.[Symbol.asyncDispose]()
  await keystone?.[Symbol.asyncDispose]()
})

describe('users of a real Keystone', () => {
  it.each([
    ['system_admin', 2],
    ['system_reader', 2],
    ['project_admin', 1],
    ['member', 1],
    ['reader', 1],
    ['stranger', 0],
  ])('%s sees %i nodes', async (who, count) => {
    const { body } = await as(tokens[who] ?? '').send<{ nodes: unknown[] }>('GET', '/nodes')
    expect(body.nodes).toHaveLength(count)
  })

  it.each([
    ['system_admin', 204],
    ['system_reader', 403],
    ['project_admin', 204],
    ['member', 403],
    ['reader', 403],
    ['stranger', 404],
  ])('%s sets the boot device: %i', async (who, code) => {
    const path = `/nodes/${nodes.mine}/management/boot_device`
    expect(await status(who, 'PUT', path, { boot_device: 'pxe' })).toBe(code)
  })

  it.each([
    ['system_admin', 200],
    ['project_admin', 404],
    ['member', 404],
  ])("%s looks at somebody's machine: %i", async (who, code) => {
    expect(await status(who, 'GET', `/nodes/${nodes.theirs}`)).toBe(code)
  })

  it.each([
    ['system_admin', 200],
    ['system_reader', 200],
    ['project_admin', 500],
  ])('%s lists chassis, a matter of the system: %i', async (who, code) => {
    expect(await status(who, 'GET', '/chassis')).toBe(code)
  })

  it('a token without a scope lists nothing', async () => {
    const token = await identity.token(users['member'] as User, { unscoped: true })
    expect(await status(token, 'GET', '/nodes')).toBe(403)
  })
})

describe('the newest openstack client with a clouds.yaml', () => {
  let run: Awaited<ReturnType<typeof openstackClouds>>
  beforeAll(async () => {
    const cloud = (name: string, project: string | null) => ({ user: users[name] as User, project })
    run = await openstackClouds(ferric.dir, keystone.url, ferric.url, {
      system_admin: cloud('system_admin', null),
      system_reader: cloud('system_reader', null),
      project_admin: cloud('project_admin', mine),
      reader: cloud('reader', mine),
    })
  }, 300_000)

  it.each([
    ['system_admin', ['mine', 'theirs'], 0, ''],
    ['system_reader', ['mine', 'theirs'], 1, 'Access was denied to the following resource'],
    ['project_admin', ['mine'], 0, ''],
    ['reader', ['mine'], 1, 'Access was denied to the following resource'],
  ])(
    '%s lists %j and setting something ends with %i',
    async (cloud, names, code, said) => {
      const listed = await run(cloud, 'node', 'list', '--fields', 'name', '-f', 'value')
      expect(listed.stderr).toBe('')
      const shown = listed.stdout.trim().split('\n')
      expect(shown.toSorted((x, y) => x.localeCompare(y))).toEqual(names)
      const set = await run(cloud, 'node', 'set', 'mine', '--extra', 'by=client')
      expect(set.code).toBe(code)
      expect(set.stderr).toContain(said)
    },
    180_000,
  )
})

describe('tokens', () => {
  it.each([
    ['none', undefined],
    ['nonsense', 'nonsense'],
    ['an empty one', ''],
    ['a cut one', 'gAAAAABm'],
  ])('%s: 401 that names Keystone', async (_scenario, token) => {
    const headers: Record<string, string> = token === undefined ? {} : { 'X-Auth-Token': token }
    const answer = await fetch(`${ferric.url}/v1/nodes`, { headers })
    expect(answer.status).toBe(401)
    expect(answer.headers.get('WWW-Authenticate')).toBe('Keystone uri="http://keystone.test"')
    expect(await answer.json()).toMatchObject({ error: { code: 401, title: 'Unauthorized' } })
  })

  it('public paths need none', async () => {
    for (const path of ['/', '/v1', '/v1/']) {
      expect((await fetch(`${ferric.url}${path}`)).status).toBe(200)
    }
  })

  it('a revoked one is refused once the cache has forgotten it', async () => {
    const token = await identity.token(users['reader'] as User, { project: { id: mine } })
    expect(await status(token, 'GET', '/nodes')).toBe(200)
    await identity.revoke(token)
    await sleep((CACHE_SECONDS + 0.5) * 1000)
    expect(await status(token, 'GET', '/nodes')).toBe(401)
  })

  it('a service token that is not one spoils a good token', async () => {
    const rest = new Rest(ferric.url, '1.115', {
      'X-Auth-Token': tokens['reader'] ?? '',
      'X-Service-Token': tokens['member'] ?? '',
    })
    expect((await rest.send('GET', '/nodes')).status).toBe(401)
  })
})

/** After silence Keystone is left alone for two seconds. */
const backAgain = { timeout: 6_000, interval: 250 }

describe('Keystone away', () => {
  it('new tokens are answered 503 quickly, known ones go on; back again, all is well', async () => {
    const fresh = await identity.token(users['member'] as User, { project: { id: mine } })
    expect(await status('reader', 'GET', '/nodes')).toBe(200)
    await keystone.kill()
    await sleep((CACHE_SECONDS + 0.5) * 1000)
    const began = performance.now()
    expect(await status(fresh, 'GET', '/nodes')).toBe(503)
    expect(performance.now() - began).toBeLessThan(3_000)
    expect(await status('reader', 'GET', '/nodes')).toBe(200)
    await keystone.start()
    await expect.poll(() => status(fresh, 'GET', '/nodes'), backAgain).toBe(200)
  }, 120_000)

  it('an expired token is refused, even from the cache', async () => {
    await keystone.kill()
    await keystone.start(4)
    const token = await identity.token(users['member'] as User, { project: { id: mine } })
    expect(await status(token, 'GET', '/nodes')).toBe(200)
    await keystone.kill()
    await sleep(4_500)
    expect([401, 503]).toContain(await status(token, 'GET', '/nodes'))
    await keystone.start()
    await expect.poll(() => status(token, 'GET', '/nodes'), backAgain).toBe(401)
    expect(await status('reader', 'GET', '/nodes')).toBe(200)
  }, 180_000)
})

it('no token and no password is in the log', () => {
  const log = readFileSync(join(ferric.dir, 'serve.log'), 'utf8')
  const secrets = [...Object.values(tokens), ...Object.values(users).map((u) => u.password)]
  expect(log.length).toBeGreaterThan(1_000)
  expect(secrets.filter((secret) => log.includes(secret))).toEqual([])
})
