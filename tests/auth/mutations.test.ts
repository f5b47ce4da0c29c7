/** A thousand damaged tokens, headers and htpasswd lines: refused, never a failure of the server. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { hash } from 'bcryptjs'
import { createLoggers } from '../../src/log/logger.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createAuthenticator } from '../../src/api/auth/authenticator.js'
import { defaultConfig, type ConfigOverrides } from '../../src/config/index.js'
import type { AppContext } from '../../src/context.js'
import type { Database } from '../../src/db/types.js'
import { apiClient } from '../_util/api.js'
import { testDatabase } from '../_util/database.js'
import { testBed } from '../conductor/_harness.js'
import { goodToken, servicePassword, standInKeystone, type StandIn } from './_keystone.js'
import { Dice, mutate } from './_mutate.js'

const password = 'correct-horse-battery'
const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`
let db: Database
let keystone: StandIn
let directory: string
let htpasswd: string
let digest: string
let now = 0
let log = ''

beforeAll(async () => {
  db = await testDatabase()
  keystone = await standInKeystone()
  directory = await mkdtemp(join(tmpdir(), 'ferric-mutations-'))
  htpasswd = join(directory, 'htpasswd')
  digest = await hash(password, 4)
  await writeFile(htpasswd, `alice:${digest}\n`)
}, 30_000)
afterAll(async () => {
  await db.close()
  await keystone[Symbol.asyncDispose]()
  await rm(directory, { recursive: true })
})

/** An application with an authenticator as an operator configures it, everything in `log`. */
async function application(overrides: ConfigOverrides) {
  const sink = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      log += chunk.toString()
      done()
    },
  })
  const ctx: AppContext = {
    ...(await testBed(db, { host: `host-${now++}` })),
    config: defaultConfig(overrides),
    clock: {
      now: () => new Date(now),
      // Time moves with every wait, as the delay after a wrong password needs it.
      sleep: (ms: number) => {
        now += ms
        return Promise.resolve()
      },
    },
    log: createLoggers({ level: 'debug', to: sink }),
  }
  const send = apiClient(ctx, { authenticate: await createAuthenticator(ctx) })
  return async (headers: Record<string, string>) =>
    (await send('GET', '/v1/nodes', { version: '1.115', headers })).status
}

const behindKeystone = () =>
  application({
    DEFAULT: { auth_strategy: 'keystone' },
    keystone_authtoken: { auth_url: keystone.url, username: 'f', password: servicePassword },
  })
const behindPasswords = () =>
  application({
    DEFAULT: { auth_strategy: 'http_basic', http_basic_auth_user_file: htpasswd },
  })

/** What cannot stand in a header at all never reaches a server. */
function sendable(text: string): boolean {
  return !/[\0\r\n\u0100-\uffff]/.test(text)
}

describe('damaged credentials', () => {
  it('400 tokens are 401', async () => {
    const ask = await behindKeystone()
    expect(await ask({ 'X-Auth-Token': goodToken })).toBe(200)
    const dice = new Dice(1)
    const seen: Record<number, number> = {}
    for (let count = 0; count < 400;) {
      const token = mutate(goodToken, dice)
      if (token.trim() === goodToken || !sendable(token)) continue
      const extra = count % 3 === 0 ? { 'X-Service-Token': token } : {}
      const good = count % 3 === 0 && count % 2 === 0 ? goodToken : token
      const status = await ask({ 'X-Auth-Token': good, ...extra })
      seen[status] = (seen[status] ?? 0) + 1
      count++
    }
    expect(seen).toEqual({ 401: 400 })
  }, 60_000)

  it('300 Authorization headers are 400 or 401', async () => {
    const ask = await behindPasswords()
    const good = basic(`alice:${password}`)
    expect(await ask({ Authorization: good })).toBe(200)
    const dice = new Dice(2)
    const seen = new Set<number>()
    for (let count = 0; count < 300;) {
      const header = count % 2 === 0 ? mutate(good, dice) : basic(mutate(`alice:${password}`, dice))
      if (!sendable(header) || means(header, `alice:${password}`)) continue
      seen.add(await ask({ Authorization: header }))
      count++
    }
    expect(seen).toEqual(new Set([400, 401]))
  }, 60_000)

  it('300 lines of the password file keep their user out, and only 401 is said', async () => {
    const ask = await behindPasswords()
    const dice = new Dice(3)
    const line = `alice:${digest}`
    const wrong: string[] = []
    for (let count = 0; count < 300;) {
      const changed = mutate(line, dice)
      // A higher cost is a good line that only takes longer.
      if (Number(/\$2.\$(\d\d)\$/.exec(changed)?.[1] ?? 0) > 6) continue
      // The first user's cost is that of users who do not exist.
      await writeFile(htpasswd, `bob:${digest}\n${changed}`)
      now += 10_000
      const status = await ask({ Authorization: basic(`alice:${password}`) })
      const same = /^\s*alice:\$2.(\S*)\s*$/m.exec(changed)?.[1] === digest.slice(3)
      if (status !== 401 && !(status === 200 && same)) wrong.push(`${status}: ${changed}`)
      count++
    }
    expect(wrong).toEqual([])
    await writeFile(htpasswd, line)
    now += 10_000
    expect(await ask({ Authorization: basic(`alice:${password}`) })).toBe(200)
  }, 60_000)

  it('a password file that goes away keeps everybody out', async () => {
    const ask = await behindPasswords()
    await rm(htpasswd)
    now += 10_000
    expect(await ask({ Authorization: basic(`alice:${password}`) })).toBe(401)
    await writeFile(htpasswd, `alice:${digest}`)
    now += 10_000
    expect(await ask({ Authorization: basic(`alice:${password}`) })).toBe(200)
  })

  it('nothing secret came into the log', () => {
    const secrets = [goodToken, servicePassword, password, digest, basic(`alice:${password}`)]
    expect(log.split('\n').length).toBeGreaterThan(1_000)
    expect(secrets.filter((secret) => log.includes(secret))).toEqual([])
    expect(log).not.toContain(goodToken.slice(0, 20))
  })
})

/** Whether a damaged header still says the same: spaces and the case of `Basic` do not matter. */
function means(header: string, text: string): boolean {
  const [, scheme, token] = /^\s*(\S+)\s+(\S+)\s*$/.exec(header) ?? []
  return scheme?.toLowerCase() === 'basic' && Buffer.from(token ?? '', 'base64').toString() === text
}

describe('who exists is not told', () => {
  it('an unknown user and a wrong password are answered alike and take as long', async () => {
    const costly = await hash(password, 8)
    await writeFile(htpasswd, `alice:${costly}\n`)
    const ask = await behindPasswords()
    const quickest = async (user: string) => {
      const times = []
      for (let i = 0; i < 12; i++) {
        const began = performance.now()
        expect(await ask({ Authorization: basic(`${user}:guess-${i}`) })).toBe(401)
        times.push(performance.now() - began)
      }
      return Math.min(...times)
    }
    await quickest('alice')
    const [known, unknown] = [await quickest('alice'), await quickest('nobody')]
    expect(unknown / known).toBeGreaterThan(0.4)
    expect(unknown / known).toBeLessThan(2.5)
  })
})
