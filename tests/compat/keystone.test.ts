// Ferric behind a real Keystone: each kind of user, expired and revoked tokens, and Keystone away.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { hash } from 'bcryptjs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { fakeConf } from '../../scripts/peers/conf.mjs'
import { Ferric } from '../_util/peers/ferric.js'
import { Rest } from '../_util/peers/rest.js'
import { openstackClouds, passwordCloud, type Cloud } from './keystone/cloud.js'
import { Identity, type Scope, type User } from './keystone/identity.js'
import { Keystone } from './keystone/server.js'

const system: Scope = { system: { all: true } }
/** How long Ferric believes what it asked: short, so that a revocation shows within the test. */
const CACHE_SECONDS = 2

let keystone: Keystone
let identity: Identity
let ferric: Ferric
let mine: string
let service: string
let users: Record<string, User>
const tokens: Record<string, string> = {}
const nodes = { mine: '', theirs: '' }

const as = (token: string) => new Rest(ferric.url, '1.115', { 'X-Auth-Token': token })
const status = async (who: string, method: string, path: string, body?: unknown) =>
  (await as(tokens[who] ?? who).send(method, path, body)).status

/** How a token is answered that comes with the service token of `who`. */
async function withService(token: string, who: string): Promise<number> {
  const headers = { 'X-Auth-Token': token, 'X-Service-Token': tokens[who] ?? who }
  return (await new Rest(ferric.url, '1.115', headers).send('GET', '/nodes')).status
}

async function people(): Promise<void> {
  mine = await identity.project('mine')
  service = await identity.project('service')
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

const login = (user: string) => ({
  Authorization: `Basic ${Buffer.from(`${user}:the-password-of-basic`).toString('base64')}`,
})

/** A Ferric whose tenants log in with passwords; `stranger` is in neither of its files. */
async function passwordServer(dir: string): Promise<Ferric> {
  const [htpasswd, principals] = [join(dir, 'htpasswd'), join(dir, 'principals.yaml')]
  const digest = await hash('the-password-of-basic', 4)
  writeFileSync(htpasswd, ['root', 'tenant', 'viewer'].map((u) => `${u}:${digest}`).join('\n'))
  const users = {
    root: { system_scope: 'all', roles: ['admin'] },
    tenant: { project_id: 'p1', roles: ['member'] },
    viewer: { project_id: 'p1', roles: ['reader'] },
  }
  writeFileSync(principals, stringify({ users }))
  const conf = fakeConf({
    DEFAULT: { auth_strategy: 'http_basic', http_basic_auth_user_file: htpasswd },
    ferric: { principals_file: principals },
  })
  return Ferric.prepare('embedded', conf, login('root'))
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
    const cloud = (name: string, project: string | null) =>
      passwordCloud(keystone.url, users[name] as User, project)
    const admin = users['project_admin'] as User
    const made = await identity.applicationCredential(
      admin,
      tokens['project_admin'] ?? '',
      'reader',
    )
    run = await openstackClouds(ferric.dir, ferric.url, {
      system_admin: cloud('system_admin', null),
      system_reader: cloud('system_reader', null),
      project_admin: cloud('project_admin', mine),
      member: cloud('member', mine),
      reader: cloud('reader', mine),
      service: cloud('ferric', service),
      program: {
        auth_type: 'v3applicationcredential',
        auth: {
          auth_url: `${keystone.url}/v3`,
          application_credential_id: made.id,
          application_credential_secret: made.secret,
        },
      },
    })
  }, 300_000)

  it.each([
    ['system_admin', ['mine', 'theirs'], 0, ''],
    ['system_reader', ['mine', 'theirs'], 1, 'Access was denied to the following resource'],
    ['project_admin', ['mine'], 0, ''],
    ['member', ['mine'], 0, ''],
    ['reader', ['mine'], 1, 'Access was denied to the following resource'],
    ['service', [], 1, 'Node mine could not be found'],
    // An administrator of the project, but the credential has a reader's role only.
    ['program', ['mine'], 1, 'Access was denied to the following resource'],
  ])(
    '%s lists %j and setting something ends with %i',
    async (cloud, names, code, said) => {
      const listed = await run(cloud, 'node', 'list', '--fields', 'name', '-f', 'value')
      expect(listed.stderr).toBe('')
      const shown = listed.stdout.split('\n').filter((line) => line !== '')
      expect(shown.toSorted((x, y) => x.localeCompare(y))).toEqual(names)
      const set = await run(cloud, 'node', 'set', 'mine', '--extra', 'by=client')
      expect(set.code).toBe(code)
      expect(set.stderr).toContain(said)
    },
    180_000,
  )
})

describe('the newest openstack client without Keystone', () => {
  let basic: Ferric
  let run: Awaited<ReturnType<typeof openstackClouds>>
  const cloud = (username: string): Cloud => ({
    auth_type: 'http_basic',
    auth: { username, password: 'the-password-of-basic', endpoint: basic.url },
  })
  beforeAll(async () => {
    basic = await passwordServer(ferric.dir)
    await basic.start()
    const root = new Rest(basic.url, '1.115', login('root'))
    for (const [name, owner] of [
      ['mine', 'p1'],
      ['theirs', 'p2'],
    ]) {
      await root.must('POST', '/nodes', { name, owner, driver: 'fake-hardware' })
    }
    const names = ['root', 'tenant', 'viewer', 'stranger']
    const clouds = Object.fromEntries(names.map((name) => [name, cloud(name)]))
    run = await openstackClouds(basic.dir, basic.url, clouds)
  }, 120_000)
  afterAll(() => basic?.[Symbol.asyncDispose]())

  it.each([
    ['root', ['mine', 'theirs'], 0, ''],
    ['tenant', ['mine'], 0, ''],
    ['viewer', ['mine'], 1, 'Access was denied to the following resource'],
    ['stranger', [], 1, '(HTTP 401)'],
  ])(
    '%s lists %j and setting something ends with %i',
    async (who, names, code, said) => {
      const listed = await run(who, 'node', 'list', '--fields', 'name', '-f', 'value')
      const shown = listed.stdout.split('\n').filter((line) => line !== '')
      expect(shown.toSorted((x, y) => x.localeCompare(y))).toEqual(names)
      const set = await run(who, 'node', 'set', 'mine', '--extra', 'by=client')
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

  it.each([
    ['a service', 'ferric', 200],
    ['somebody who is no service', 'member', 401],
    ['nobody', 'nonsense', 401],
  ])("a reader's with a service token of %s", async (_scenario, who, code) => {
    expect(await withService(tokens['reader'] ?? '', who)).toBe(code)
  })

  it("a service token adds nothing to what the user's token may do", async () => {
    const headers = {
      'X-Auth-Token': tokens['reader'] ?? '',
      'X-Service-Token': tokens['ferric'] ?? '',
    }
    const rest = new Rest(ferric.url, '1.115', headers)
    const patch = [{ op: 'add', path: '/extra/by', value: 'service' }]
    expect((await rest.send('PATCH', `/nodes/${nodes.mine}`, patch)).status).toBe(403)
    expect((await rest.send('GET', `/nodes/${nodes.theirs}`)).status).toBe(404)
  })
})

/** After silence Keystone is left alone, for two seconds at most. */
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

  it('an expired token is refused, even from the cache, unless a service goes on with it', async () => {
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
    expect(await withService(token, 'ferric')).toBe(200)
    expect(await withService(token, 'member')).toBe(401)
    expect(await status(token, 'GET', '/nodes')).toBe(401)
  }, 180_000)
})

it('no token and no password is in the log', () => {
  const log = readFileSync(join(ferric.dir, 'serve.log'), 'utf8')
  const secrets = [...Object.values(tokens), ...Object.values(users).map((u) => u.password)]
  expect(log.length).toBeGreaterThan(1_000)
  expect(secrets.filter((secret) => log.includes(secret))).toEqual([])
})
