import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hash } from 'bcryptjs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkBasic } from '../../src/api/auth/basic.js'
import { createDigestThread } from '../../src/api/auth/digest-thread.js'
import { openPasswordFile } from '../../src/api/auth/htpasswd.js'
import { isPublicPath } from '../../src/api/auth/public-paths.js'
import { readPrincipals } from '../../src/api/auth/principals.js'
import { systemClock, type Clock } from '../../src/clock.js'

let directory: string
let now = 0
const clock: Clock = {
  now: () => new Date(now),
  sleep: (ms) => {
    now += ms
    return Promise.resolve()
  },
}
const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'ferric-auth-'))
})
afterAll(() => rm(directory, { recursive: true }))

async function passwordFile(lines: string[]): Promise<string> {
  const path = join(directory, `htpasswd-${lines.length}`)
  await writeFile(path, lines.join('\n'))
  return path
}

describe('HTTP Basic', () => {
  it.each([
    ['no header', null, 401, 'Authorization required'],
    ['no scheme', 'x', 400, 'Could not parse Authorization header'],
    ['another scheme', 'Bearer abc', 400, 'Unsupported authorization type "Bearer"'],
    ['not base64', 'Basic !!', 400, 'Could not decode authorization token'],
    ['no colon', basic('alice'), 400, 'Could not decode authorization token'],
    ['wrong password', basic('alice:wrong'), 401, 'Incorrect username or password'],
    ['unknown user', basic('bob:secret'), 401, 'Incorrect username or password'],
  ])('refuses %s', async (_scenario, header, status, text) => {
    const path = await passwordFile([`alice:${await hash('secret', 4)}`])
    const file = await openPasswordFile(path, clock)
    await expect(checkBasic(header, file)).rejects.toMatchObject({
      status,
      body: JSON.stringify({ error: { message: text, code: status } }),
    })
  })

  it('lets the right password in, with colons in it', async () => {
    const path = await passwordFile(['', `alice:${await hash('a:b', 4)}`])
    const file = await openPasswordFile(path, clock)
    await expect(checkBasic(basic('alice:a:b'), file)).resolves.toBe('alice')
  })

  it('reads the file again when it has changed', async () => {
    const path = await passwordFile([`alice:${await hash('old', 4)}`, '', ''])
    const file = await openPasswordFile(path, clock)
    expect(await file.check('alice', 'old')).toBe(true)
    await writeFile(path, `alice:${await hash('new', 4)}`)
    await utimes(path, 1, 1)
    now += 5_000
    expect(await file.check('alice', 'old')).toBe(false)
    expect(await file.check('alice', 'new')).toBe(true)
  })

  it('refuses a digest that is not bcrypt at the start', async () => {
    const path = await passwordFile(['alice:{SHA}abc', '', '', ''])
    await expect(openPasswordFile(path, clock)).rejects.toThrow(/bcrypt.*alice/)
  })
})

describe('the cost of a password', () => {
  it('is paid beside the requests, not before them', async () => {
    const path = await passwordFile([`alice:${await hash('secret', 11)}`, '', '', '', ''])
    const file = await openPasswordFile(path, clock)
    await file.check('alice', 'to start the thread')
    const before = performance.eventLoopUtilization()
    expect(await file.check('alice', 'guess')).toBe(false)
    expect(performance.eventLoopUtilization(before).utilization).toBeLessThan(0.5)
  })

  it('is paid once by all who come with it at the same time', async () => {
    const path = await passwordFile([`alice:${await hash('secret', 10)}`, '', '', '', '', ''])
    const file = await openPasswordFile(path, clock)
    const took = async (count: number) => {
      const began = performance.now()
      const all = Array.from({ length: count }, () => file.check('alice', `guess-${count}`))
      expect(new Set(await Promise.all(all))).toEqual(new Set([false]))
      return performance.now() - began
    }
    await took(1)
    expect((await took(40)) / (await took(2))).toBeLessThan(10)
  })

  it('of an attacker does not delay others', { timeout: 60_000 }, async () => {
    const lines = await Promise.all(
      ['alice', 'bob', 'eve'].map(async (user) => `${user}:${await hash('secret', 11)}`),
    )
    const file = await openPasswordFile(await passwordFile([...lines, '', '', '', '']), systemClock)
    const timed = async (user: string, address: string) => {
      const started = performance.now()
      expect(await file.check(user, 'secret', address)).toBe(true)
      return performance.now() - started
    }
    const once = await timed('alice', '192.0.2.1')
    const attack = Array.from({ length: 100 }, async (_, n) =>
      file.check('eve', `guess-${n}`, '192.0.2.66').catch((error: unknown) => error),
    )
    expect(await timed('bob', '192.0.2.2')).toBeLessThan(4 * once + 500)
    expect(await timed('alice', '192.0.2.1')).toBeLessThan(once / 2)
    const refused = (await Promise.all(attack.slice(40))).filter((one) => one !== false)
    expect(refused).toHaveLength(60)
    expect(refused[0]).toMatchObject({ status: 429, headers: { 'Retry-After': '1' } })
  })

  it('a digest that cannot be checked is an error of that check alone', async () => {
    const check = createDigestThread()
    const digest = await hash('secret', 4)
    await expect(check('x', `${digest.slice(0, -1)}\u0001`)).resolves.toBe(false)
    await expect(check('x', digest.replace('$2b', '$9b'))).rejects.toThrow(/salt/i)
    await expect(check('secret', digest)).resolves.toBe(true)
  })
})

describe('public paths', () => {
  it.each([
    ['/', true],
    ['/v1', true],
    ['/v1/', true],
    ['/v1.json', true],
    ['/v1/lookup', true],
    ['/v1/heartbeat/abc-1', true],
    ['/v1/continue_inspection', true],
    ['/v1/nodes', false],
    ['/lookup', false],
    ['/v1/heartbeat/ABC', false],
    ['/v1/heartbeat/a/b', false],
    ['/v1/lookup/x', false],
  ])('%s: %s', (path, open) => {
    expect(isPublicPath(path)).toBe(open)
  })
})

describe('principals', () => {
  const sha256 = '2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b' // "secret"
  const document = {
    users: {
      alice: { project_id: 'p1', roles: ['member'] },
      ops: { system_scope: 'all', roles: ['observer'] },
    },
    tokens: [{ sha256, user: 'alice' }],
  }

  it('implies the lesser roles', () => {
    const principals = readPrincipals(document, 'x')
    expect(principals.forUser('alice')).toMatchObject({
      projectId: 'p1',
      roles: ['member', 'reader'],
    })
    expect(principals.forUser('ops')?.roles).toEqual(['observer'])
    expect(principals.forUser('eve')).toBeNull()
  })

  it('finds a static token by its digest only', () => {
    const principals = readPrincipals(document, 'x')
    expect(principals.forToken('secret')?.userId).toBe('alice')
    expect(principals.forToken(sha256)).toBeNull()
  })

  it.each([
    ['roles that are no list', { users: { a: { roles: 'admin' } } }, /user a needs a list/],
    ['no scope', { users: { a: { roles: ['admin'] } } }, /user a needs one of project_id/],
    ['an empty project', { users: { a: { project_id: '', roles: [] } } }, /project_id must be/],
    ['a number as project', { users: { a: { project_id: 7, roles: [] } } }, /project_id must be/],
    [
      'a system scope of its own',
      { users: { a: { system_scope: 'x', roles: [] } } },
      /must be all/,
    ],
    ['a token of nobody', { tokens: [{ sha256, user: 'x' }] }, /a token needs/],
  ])('refuses %s', (_scenario, bad, text) => {
    expect(() => readPrincipals(bad, 'file')).toThrow(text)
  })
})
