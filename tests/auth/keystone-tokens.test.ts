import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import {
  createKeystoneClient,
  KeystoneUnavailable,
  type TokenDocument,
} from '../../src/openstack/keystone/client.js'
import { createTokenValidator } from '../../src/openstack/keystone/validator.js'
import { JumpingClock } from '../conductor/_clock.js'

const until = (iso: string): TokenDocument => ({ expires_at: iso, user: { id: 'u', name: 'u' } })
const lasting = until('2026-06-01T00:00:00Z')

/** A validator before a Keystone that does as told, with the questions that reached it. */
function bench(cacheSeconds = 60) {
  const clock = new JumpingClock()
  const asked: string[] = []
  let answer: () => Promise<TokenDocument | null> = () => Promise.resolve(lasting)
  const client = {
    validate: (token: string) => {
      asked.push(token)
      return answer()
    },
  }
  const validator = createTokenValidator(client, clock, cacheSeconds)
  const answers = (next: typeof answer) => (answer = next)
  return { clock, asked, answers, validate: (token: string) => validator.validate(token) }
}
const away = () => Promise.reject(new KeystoneUnavailable('away', { cause: new Error('refused') }))
/** Silence of `ms` milliseconds. */
const silent = (clock: JumpingClock, ms: number) => () => {
  clock.advance(ms)
  return away()
}

describe('validated tokens', () => {
  it('are asked for once while they are fresh', async () => {
    const { clock, asked, validate } = bench()
    await Promise.all([validate('t'), validate('t'), validate('t')])
    clock.advance(59_000)
    expect(await validate('t')).toBe(lasting)
    expect(asked).toHaveLength(1)
    clock.advance(2_000)
    await validate('t')
    expect(asked).toHaveLength(2)
  })

  it('go on while Keystone is away, and new ones wait for nothing', async () => {
    const { clock, asked, answers, validate } = bench()
    await validate('old')
    answers(silent(clock, 10_000))
    clock.advance(61_000)
    expect(await validate('old')).toBe(lasting)
    clock.advance(1_999)
    await expect(validate('new')).rejects.toThrow(KeystoneUnavailable)
    expect(asked).toEqual(['old', 'old'])
    answers(() => Promise.resolve(lasting))
    clock.advance(1)
    expect(await validate('new')).toBe(lasting)
  })

  it('wait for nothing when Keystone did not let us wait', async () => {
    const { answers, validate } = bench()
    answers(away)
    await expect(validate('first')).rejects.toThrow(KeystoneUnavailable)
    answers(() => Promise.resolve(lasting))
    expect(await validate('second')).toBe(lasting)
  })

  it.each([40, 1_000])('wait no longer than Keystone let us wait: %i ms', async (ms) => {
    const { clock, asked, answers, validate } = bench()
    answers(silent(clock, ms))
    await expect(validate('first')).rejects.toThrow(KeystoneUnavailable)
    answers(() => Promise.resolve(lasting))
    clock.advance(ms - 1)
    await expect(validate('early')).rejects.toThrow(KeystoneUnavailable)
    clock.advance(1)
    expect(await validate('second')).toBe(lasting)
    expect(asked).toEqual(['first', 'second'])
  })

  it('are still asked for after Keystone failed over one of them', async () => {
    const { asked, answers, validate } = bench()
    answers(() => Promise.reject(new KeystoneUnavailable('answered 403')))
    await expect(validate('odd')).rejects.toThrow(KeystoneUnavailable)
    answers(() => Promise.resolve(lasting))
    expect(await validate('good')).toBe(lasting)
    expect(asked).toEqual(['odd', 'good'])
  })

  it('end when they expire, whatever the cache says', async () => {
    const { clock, answers, validate } = bench(3_600)
    answers(() => Promise.resolve(until('2026-01-01T00:01:00Z')))
    expect(await validate('t')).not.toBeNull()
    clock.advance(61_000)
    expect(await validate('t')).toBeNull()
    answers(away)
    clock.advance(3_600_000)
    expect(await validate('t')).toBeNull()
  })

  it('that are unknown are remembered as such', async () => {
    const { asked, answers, validate } = bench()
    answers(() => Promise.resolve(null))
    expect([await validate('bad'), await validate('bad')]).toEqual([null, null])
    expect(asked).toHaveLength(1)
  })

  it.each([
    ['', 0],
    ['a b', 0],
    ['\u00e9', 0],
    ['x'.repeat(20_000), 0],
  ])('that cannot be tokens are not asked for (%#)', async (token, count) => {
    const { asked, validate } = bench()
    expect(await validate(token)).toBeNull()
    expect(asked).toHaveLength(count)
  })
})

async function withKeystone<T>(
  listener: RequestListener,
  work: (url: string) => Promise<T>,
  port = 0,
) {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  try {
    return await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

it('a Keystone that comes back at a port that was closed is asked again at once', async () => {
  const listener: RequestListener = (request, response) => {
    if (request.method === 'POST') response.writeHead(201, { 'X-Subject-Token': 'own' }).end('{}')
    else response.writeHead(200).end(JSON.stringify({ token: lasting }))
  }
  const url = await withKeystone(listener, (found) => Promise.resolve(found))
  const client = createKeystoneClient({ authUrl: url, auth: {}, timeoutMs: 5_000, attempts: 1 })
  // Time that stands still: whatever is waited for would never come.
  const validator = createTokenValidator(client, new JumpingClock(), 60)
  await expect(validator.validate('t')).rejects.toThrow(KeystoneUnavailable)
  await withKeystone(
    listener,
    async () => expect(await validator.validate('t')).toEqual(lasting),
    Number(new URL(url).port),
  )
})

describe('a Keystone that is none', () => {
  const client = (authUrl: string, timeoutMs = 5_000) =>
    createKeystoneClient({ authUrl, auth: {}, timeoutMs, attempts: 3 })

  it.each([
    ['another service', 200, '{}'],
    ['a page', 200, '<html>'],
    ['a proxy without a backend', 502, ''],
    ['one that lets nobody in', 403, ''],
  ])('%s is no answer about a token', async (_scenario, status, body) => {
    const listener: RequestListener = (request, response) => {
      if (request.method === 'POST') response.writeHead(201, { 'X-Subject-Token': 'own' }).end('{}')
      else response.writeHead(status).end(body)
    }
    await withKeystone(listener, async (url) => {
      await expect(client(url).validate('t', false)).rejects.toThrow(KeystoneUnavailable)
    })
  })

  it('one that never answers is waited for once, not once for every attempt', async () => {
    await withKeystone(
      () => undefined,
      async (url) => {
        const began = performance.now()
        await expect(client(url, 300).validate('t', false)).rejects.toThrow(KeystoneUnavailable)
        expect(performance.now() - began).toBeLessThan(1_100)
      },
    )
  })

  it('a token of our own that ran out is renewed', async () => {
    let issued = 0
    const listener: RequestListener = (request, response) => {
      if (request.method === 'POST') {
        issued++
        response.writeHead(201, { 'X-Subject-Token': `own-${issued}` }).end('{}')
      } else if (request.headers['x-auth-token'] === 'own-1') response.writeHead(401).end()
      else response.writeHead(200).end(JSON.stringify({ token: lasting }))
    }
    await withKeystone(listener, async (url) => {
      expect(await client(url).validate('t', false)).toEqual(lasting)
      expect(issued).toBe(2)
    })
  })
})
