/** Tenants without Keystone: a password or a static token, a small file, and the same policy. */
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hash } from 'bcryptjs'
import type { Hono } from 'hono'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createAuthenticator } from '../../src/api/auth/authenticator.js'
import { openPrincipals } from '../../src/api/auth/principals.js'
import type { Database } from '../../src/db/types.js'
import { createApi } from '../../src/api/app.js'
import { foreignOffers, sensorReading } from '../../src/metrics.js'
import { apiClient, contract } from '../_util/api.js'
import { testDatabase } from '../_util/database.js'
import { tasks } from '../../src/db/schema/index.js'
import { addNode, registerHost, testBed, type Bed } from '../conductor/_harness.js'

const basic = (user: string) => ({
  Authorization: `Basic ${Buffer.from(`${user}:pw`).toString('base64')}`,
})
const longName = `u${'x'.repeat(299)}`
const credentials: Readonly<Record<string, Record<string, string>>> = {
  alice: basic('alice'),
  bob: basic('bob'),
  root: basic('root'),
  'a user with a long name': basic(longName),
  unmapped: basic('unmapped'),
  'a token of alice': { 'X-Auth-Token': 'robot-of-alice' },
  'a wrong token': { 'X-Auth-Token': 'robot-of-eve' },
}

let directory: string
let db: Database
let send: ReturnType<typeof apiClient>
let app: Hono
let hers: string
let bed: Bed

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'ferric-tenants-'))
  const [passwords, principals] = [join(directory, 'htpasswd'), join(directory, 'principals.yaml')]
  const digest = await hash('pw', 4)
  const users = ['alice', 'bob', 'root', 'unmapped', longName].map((user) => `${user}:${digest}`)
  writeFileSync(passwords, users.join('\n'))
  const sha256 = createHash('sha256').update('robot-of-alice').digest('hex')
  writeFileSync(
    principals,
    `users:
  alice: { project_id: p1, roles: [admin] }
  bob: { project_id: p2, roles: [reader] }
  root: { system_scope: all, roles: [admin] }
  ${longName}: { system_scope: all, roles: [admin] }
tokens:
  - { sha256: ${sha256}, user: alice }
`,
  )
  db = await testDatabase()
  const ctx = (bed = await testBed(db, {
    config: {
      DEFAULT: { auth_strategy: 'http_basic', http_basic_auth_user_file: passwords },
      ferric: { principals_file: principals },
    },
  }))
  await registerHost(ctx)
  const authenticate = await createAuthenticator(ctx)
  send = apiClient(ctx, { authenticate })
  app = createApi(ctx, contract, { authenticate })
  hers = (await addNode(ctx, { owner: 'p1', lessee: 'p2' })).uuid
  await addNode(ctx, { owner: 'p3' })
}, 30_000)
afterAll(async () => {
  await db.close()
  rmSync(directory, { recursive: true })
})

const ask = (who: string, method: string, path: string) =>
  send(method, path, { version: '1.115', headers: credentials[who] ?? {} })

describe('tenants without Keystone', () => {
  it.each([
    ['alice', 200, 1],
    ['bob', 200, 1],
    ['root', 200, 2],
    ['a token of alice', 200, 1],
    ['a wrong token', 401, undefined],
    ['unmapped', 401, undefined],
    ['nobody', 401, undefined],
  ])('%s lists nodes: %i, %s of them', async (who, status, count) => {
    const reply = await ask(who, 'GET', '/v1/nodes')
    expect(reply.status).toBe(status)
    expect((reply.body?.['nodes'] as unknown[] | undefined)?.length).toBe(count)
  })

  it.each([
    ['bob', 403],
    ['alice', 202],
    ['root', 202],
  ])('%s sets maintenance: %i', async (who, status) => {
    const reply = await ask(who, 'PUT', `/v1/nodes/${hers}/maintenance`)
    expect(reply.status).toBe(status)
  })
})

it('starts a verb for a user with a long name', async () => {
  const { uuid } = await addNode(bed, { provisionState: 'enroll' })
  const path = `/v1/nodes/${uuid}/states/provision`
  const headers = credentials['a user with a long name'] ?? {}
  const reply = await send('PUT', path, { version: '1.115', headers, body: { target: 'manage' } })
  expect(reply.status).toBe(202)
  const [task] = await db.orm.select().from(tasks)
  expect(task?.userId).toBe(longName)
})

describe('the principals file', () => {
  it('is read again when it changes, and stays in force when the change is not valid', async () => {
    const file = join(directory, 'again.yaml')
    const problems: unknown[] = []
    let now = 0
    const clock = { now: () => new Date(now), sleep: () => Promise.resolve() }
    const write = (text: string) => {
      writeFileSync(file, `users: { ${text} }`)
      now += 2_000
    }
    write('alice: { project_id: p1, roles: [admin] }')
    const principals = openPrincipals(file, clock, (error) => problems.push(error))
    write('alice: { roles: [admin] }')
    expect(principals().forUser('alice')?.projectId).toBe('p1')
    expect(principals().forUser('alice')?.projectId).toBe('p1')
    expect(problems).toEqual([
      new Error(`${file}: user alice needs one of project_id, domain_id, system_scope`),
    ])
    write('alice: { project_id: p22, roles: [admin] }')
    expect(principals().forUser('alice')?.projectId).toBe('p22')
  })
})

describe('/metrics', () => {
  it.each([
    ['root', true],
    ['alice', false],
    ['a token of alice', false],
    ['a wrong token', false],
    ['nobody', false],
  ])('%s sees which machine it is about: %s', async (who, sees) => {
    sensorReading.set({ node: hers, type: 'Temperature', sensor: 'CPU' }, 48.5)
    foreignOffers.inc({ server: '192.0.2.66' })
    const answer = await app.request('/metrics', { headers: credentials[who] ?? {} })
    const text = await answer.text()
    expect(answer.status).toBe(200)
    expect(text).toContain('ferric_http_request_seconds_bucket')
    expect([text.includes(hers), text.includes('192.0.2.66')]).toEqual([sees, sees])
  })
})
