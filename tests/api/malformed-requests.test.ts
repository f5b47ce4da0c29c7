import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startApi, type ApiServer } from '../../src/api/server.js'
import type { Database } from '../../src/db/types.js'
import { testDatabase } from '../_util/database.js'
import { rawExchange } from '../_util/raw-exchange.js'
import { testBed } from '../conductor/_harness.js'

let directory: string
let db: Database
const servers: ApiServer[] = []
const urls: Record<string, string> = {}

function certificate(): { cert_file: string; key_file: string } {
  const files = { cert_file: join(directory, 'cert.pem'), key_file: join(directory, 'key.pem') }
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  const out = ['-keyout', files.key_file, '-out', files.cert_file, '-subj', '/CN=localhost']
  execFileSync('openssl', ['req', '-x509', ...kind, ...out], { stdio: 'ignore' })
  return files
}

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'ferric-malformed-'))
  db = await testDatabase()
  const start = async (api: Record<string, unknown>) => {
    const config = { api: { port: 0, ...api }, ferric: { ramdisk_port: 0 } }
    const server = await startApi(await testBed(db, { config }))
    servers.push(server)
    return server
  }
  const plain = await start({})
  const tls = await start({ enable_ssl_api: true, ...certificate() })
  Object.assign(urls, { plain: plain.url, ramdisk: plain.ramdiskUrl, tls: tls.url })
}, 30_000)
afterAll(async () => {
  for (const server of servers) await server.close(0)
  await db.close()
  rmSync(directory, { recursive: true })
})

const listeners = ['plain', 'ramdisk', 'tls']
const send = (listener: string, bytes: string) => rawExchange(urls[listener] ?? '', bytes)
const statusOf = (answer: string): number => Number(/^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1])

describe.each(listeners)('the %s listener', (listener) => {
  it.each([
    ['TRACK', 'TRACK /v1/nodes HTTP/1.1\r\nHost: x\r\n\r\n', listener === 'ramdisk' ? 404 : 405],
    ['a host with a space', 'FOO /v1/nodes HTTP/1.1\r\nHost: a b\r\n\r\n', 400],
    ['a control character', 'FOO /v1/nodes HTTP/1.1\r\nHost: x\r\nA: \x00\x01\r\n\r\n', 400],
    ['a header without a name', 'FOO /v1/nodes HTTP/1.1\r\nHost: x\r\n: y\r\n\r\n', 400],
    ['a header without a colon', 'FOO /v1/nodes HTTP/1.1\r\nHost: x\r\nnothing\r\n\r\n', 400],
    ['a method of two words', 'FOO BAR /v1/nodes HTTP/1.1\r\nHost: x\r\n\r\n', 400],
    ['a host that is a path', 'FOO /v1/nodes HTTP/1.1\r\nHost: x/y\r\n\r\n', 400],
    ['HTTP/1.1 without Host', 'GET / HTTP/1.1\r\n\r\n', 400],
    [
      'a head that is too large',
      `GET / HTTP/1.1\r\nHost: x\r\nA: ${'x'.repeat(20_000)}\r\n\r\n`,
      431,
    ],
  ])('refuses %s and serves the next request', async (_scenario, bytes, status) => {
    expect(statusOf(await send(listener, bytes))).toBe(status)
    const next = await send(listener, 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
    expect(statusOf(next)).toBe(200)
  })

  it.each([
    ['HTTP/1.0 without Host', 'GET / HTTP/1.0\r\n\r\n'],
    ['an empty Host', 'GET / HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n'],
  ])('links to its own address for %s', async (_scenario, bytes) => {
    const answer = await send(listener, bytes)
    expect(statusOf(answer)).toBe(200)
    expect(answer).toContain(`"href":"${urls[listener]}/v1/"`)
  })

  it('sends no second response into one that is under way', async () => {
    const first = 'POST /v1/heartbeat/x HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}'
    const answer = await send(listener, `${first}FOO /v1/nodes HTTP/1.1\r\nHost: x\r\n\r\n`)
    expect(answer.match(/HTTP\/1\.1 /g) ?? []).toHaveLength(1)
  })
})

it.each(['plain', 'tls'])("answers HAProxy's health check on the %s listener", async (listener) => {
  const answer = await send(listener, 'GET /healthz HTTP/1.0\r\n\r\n')
  expect(statusOf(answer)).toBe(200)
})
