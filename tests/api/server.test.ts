import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import supertest from 'supertest'
import { startApi, type ApiServer } from '../../src/api/server.js'
import { systemClock } from '../../src/clock.js'
import { defaultConfig } from '../../src/config/index.js'
import { Services } from '../../src/services.js'
import type { AppContext } from '../../src/context.js'
import type { Database } from '../../src/db/types.js'
import { createDriverRegistry } from '../../src/drivers/registry.js'
import { silent } from '../_util/silent.js'
import { testDatabase } from '../_util/database.js'

let db: Database
let server: ApiServer

beforeAll(async () => {
  db = await testDatabase()
  const config = defaultConfig({ api: { port: 0 } })
  const drivers = await createDriverRegistry(config, silent.drivers)
  const ctx: Omit<AppContext, 'queue'> = {
    config,
    log: silent,
    db,
    drivers,
    clock: systemClock,
    processId: '00000000-0000-4000-8000-000000000000',
    host: 'here',
    services: new Services(silent),
  }
  // No request of these tests starts work, so nothing asks for a queue.
  server = await startApi(ctx as AppContext)
})
afterAll(async () => {
  await server.close(0)
  await db.close()
})

/** The whole answer to bytes sent as they are. */
function exchange(text: string): Promise<string> {
  const { port } = new URL(server.url)
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), '127.0.0.1', () => socket.write(text))
    let answer = ''
    socket.setTimeout(5_000, () => socket.destroy(new Error('no answer')))
    socket.on('data', (chunk) => (answer += chunk.toString()))
    socket.on('end', () => resolve(answer))
    socket.on('error', reject)
  })
}

const raw = (method: string, path: string) =>
  exchange(`${method} ${path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`)

describe('the listener', () => {
  it('answers with both request ids and the versions', async () => {
    const reply = await supertest(server.url).get('/v1').expect(200)
    expect(reply.headers['x-openstack-request-id']).toMatch(/^req-[0-9a-f-]{36}$/)
    expect(reply.headers['openstack-request-id']).toBe(reply.headers['x-openstack-request-id'])
    expect(reply.headers['x-openstack-ironic-api-maximum-version']).toBe('1.115')
  })

  it('makes links from the Host header', async () => {
    const reply = await supertest(server.url).get('/').set('Host', 'bar:99')
    expect((reply.body as { default_version: { links: unknown } }).default_version.links).toEqual([
      { href: 'http://bar:99/v1/', rel: 'self' },
    ])
  })

  it.each([
    ['a verb the parser does not know', 'FOO', '/v1/chassis', 405, 'DELETE, GET, PATCH, POST'],
    ['a method the collection lacks', 'PUT', '/v1/chassis', 405, 'DELETE, GET, PATCH, POST'],
  ])('says which methods exist: %s', async (_scenario, method, path, status, allow) => {
    const answer = await raw(method, path)
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    expect(answer).toMatch(new RegExp(`^allow: ${allow}\\r$`, 'im'))
  })

  it.each([
    ['/v1/..', 404],
    ['/v1/%2e%2e/', 404],
    ['//v1/nodes', 400],
    ['/v1//chassis', 400],
    ['/v1/chassis/%zz', 400],
  ])('takes the path as it stands on the wire: %s', async (path, status) => {
    expect(await raw('GET', path)).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
  })

  it('refuses what is not HTTP', async () => {
    expect(await exchange('\u0016\u0003\u0001 hello\r\n\r\n')).toMatch(/^HTTP\/1.1 400 /)
  })

  it.each([
    ['too deep', 'application/json', '['.repeat(26) + ']'.repeat(26), 400, /nested too deeply/],
    ['too large', 'application/json', `"${'x'.repeat(1 << 20)}"`, 413, /too large/],
    ['not UTF-8', 'application/json', Buffer.from([0x22, 0xff, 0x22]), 400, /UTF-8/],
    ['another charset', 'application/json; charset=utf-16', '{}', 400, /Bad Request/],
    ['broken', 'application/json', '{"a":', 400, /not valid JSON/],
    ['no number in JSON', 'application/json', '{"extra": {"a": [-Infinity]}}', 400, /NaN and Inf/],
    ['beyond all numbers', 'application/json', '{"extra": {"a": 1e999}}', 400, /NaN and Inf/],
    ['no number and wrong', 'application/json', '{"description": NaN}', 400, /nan is not of type/],
    ['a form', 'application/x-www-form-urlencoded', '{}', 400, /unexpected/i],
  ])('refuses a body that is %s', async (_scenario, type, body, status, text) => {
    const reply = await supertest(server.url)
      .post('/v1/chassis')
      .set('Content-Type', type)
      .serialize((sent: unknown) => sent as string)
      .send(body)
    expect(reply.status).toBe(status)
    expect(reply.text).toMatch(text)
  })

  it('tells supervisors how it is, and counts what it answered', async () => {
    await supertest(server.url).get('/healthz').expect(200)
    await supertest(server.url).get('/readyz').expect(200, { status: 'ready' })
    await supertest(server.url).get('/v1/chassis/x').expect(400)
    const { text } = await supertest(server.url).get('/metrics').expect(200)
    expect(text).toMatch(
      /ferric_http_request_seconds_count\{operation="chassis.show",method="GET",status="400"\} [1-9]/,
    )
  })

  it('shows the contract without asking who reads it', async () => {
    const reply = await supertest(server.url).get('/openapi.json?version=1.34').expect(200)
    expect((reply.body as { info: { version: string } }).info.version).toBe('1.34')
    await supertest(server.url).get('/openapi.json?version=9.9').expect(400)
    await supertest(server.url).get('/docs').expect(200).expect('Content-Type', /html/)
  })
})
