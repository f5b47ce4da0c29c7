import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, type SecureVersion } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startApi, type ApiServer } from '../../src/api/server.js'
import { tlsOptions } from '../../src/api/tls.js'
import { defaultConfig } from '../../src/config/index.js'
import type { Database } from '../../src/db/types.js'
import { testDatabase } from '../_util/database.js'
import { testBed } from '../conductor/_harness.js'

let directory: string
let db: Database
let server: ApiServer
let now = 0
const cert = () => join(directory, 'cert.pem')
const key = () => join(directory, 'key.pem')

/** Writes a new key and certificate over the ones before. */
function issue(): void {
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1']
  const files = ['-keyout', key(), '-out', cert()]
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
  execFileSync('openssl', ['req', '-x509', ...kind, ...subject, ...files], { stdio: 'ignore' })
}

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'ferric-tls-'))
  issue()
  db = await testDatabase()
  const api = { enable_ssl_api: true, cert_file: cert(), key_file: key(), port: 0 }
  const clock = { now: () => new Date(now), sleep: () => Promise.resolve() }
  server = await startApi({ ...(await testBed(db, { config: { api } })), clock })
}, 30_000)
afterAll(async () => {
  await server.close(0)
  await db.close()
  rmSync(directory, { recursive: true })
})

interface Reply {
  readonly status: number | undefined
  readonly body: string
}

function get(path: string): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const url = new URL(path, server.url)
    request(url, { ca: readFileSync(cert()), timeout: 5_000 }, (answer) => {
      let body = ''
      answer.on('data', (chunk: Buffer) => (body += chunk.toString()))
      answer.on('end', () => resolve({ status: answer.statusCode, body }))
    })
      .on('error', reject)
      .end()
  })
}

/** The fingerprint of the certificate a new client is shown. */
function shown(): Promise<string> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(server.url)
    const socket = connect(Number(port), hostname, { rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().fingerprint256)
      socket.destroy()
    })
    socket.on('error', reject)
  })
}

/** The version a client of one version is answered in, or null. */
function speaks(version: SecureVersion): Promise<string | null> {
  return new Promise((resolve) => {
    const { hostname, port } = new URL(server.url)
    const options = { ca: readFileSync(cert()), minVersion: version, maxVersion: version }
    const socket = connect(Number(port), hostname, options, () => {
      resolve(socket.getProtocol())
      socket.destroy()
    })
    socket.on('error', () => resolve(null))
  })
}

describe('[api] enable_ssl_api', () => {
  it('answers HTTPS, and links to itself as such', async () => {
    expect(server.url).toMatch(/^https:/)
    const { status, body } = await get('/v1')
    expect(status).toBe(200)
    expect(body).toContain(`${server.url}/v1/nodes/`)
  })

  it('takes TLS 1.3 and nothing older', async () => {
    expect(await speaks('TLSv1.3')).toBe('TLSv1.3')
    expect(await speaks('TLSv1.2')).toBeNull()
  })

  it.each([
    ['no certificate', { enable_ssl_api: true }, '[api] enable_ssl_api needs [api] cert_file'],
    ['a file that is not there', { enable_ssl_api: true, cert_file: '/no/such' }, '/no/such'],
  ])('does not start with %s', (_scenario, api, text) => {
    expect(() => tlsOptions(defaultConfig({ api }).api)).toThrow(text)
  })

  it('is off unless asked for', () => {
    expect(tlsOptions(defaultConfig().api)).toBeNull()
  })

  it('takes a renewed certificate without a restart, and keeps it when the next is broken', async () => {
    const first = await shown()
    issue()
    expect(await shown()).toBe(first)
    now += 11_000
    const second = await shown()
    expect(second).not.toBe(first)
    writeFileSync(cert(), 'no certificate')
    now += 11_000
    expect(await shown()).toBe(second)
  })
})
