import { describe, expect, it } from 'vitest'
import { limitRate } from '../../src/api/rate-limit.js'
import type { Authenticate } from '../../src/api/auth/authenticator.js'
import { noauthContext } from '../../src/api/policy/noauth.js'
import { JumpingClock } from '../conductor/_clock.js'

const byHeader: Authenticate = (request) =>
  Promise.resolve({ ...noauthContext, userId: request.headers.get('X-User') })

function limited(perMinute: number) {
  const clock = new JumpingClock()
  const check = limitRate(byHeader, clock, perMinute)
  const ask = async (user: string, path = '/v1/nodes') => {
    const request = new Request('http://f.test', { headers: { 'X-User': user } })
    return check(request, path).then(
      () => 200,
      (e: { status: number; headers: Record<string, string> }) => [e.status, e.headers],
    )
  }
  return { clock, ask }
}

describe('the limit of requests', () => {
  it('is each user its own, and comes back with time', async () => {
    const { clock, ask } = limited(3)
    for (let i = 0; i < 3; i++) expect(await ask('a')).toBe(200)
    expect(await ask('a')).toEqual([429, { 'Retry-After': '20' }])
    expect(await ask('b')).toBe(200)
    clock.advance(10_000)
    expect(await ask('a')).toEqual([429, { 'Retry-After': '10' }])
    clock.advance(10_000)
    expect(await ask('a')).toBe(200)
    expect(await ask('a')).toEqual([429, { 'Retry-After': '20' }])
  })

  it('never saves up more than a minute', async () => {
    const { clock, ask } = limited(2)
    clock.advance(3_600_000)
    expect([await ask('a'), await ask('a')]).toEqual([200, 200])
    expect(await ask('a')).toMatchObject([429, {}])
  })

  it('does not count ramdisks', async () => {
    const { ask } = limited(1)
    for (let i = 0; i < 5; i++) expect(await ask('a', '/v1/heartbeat/abc')).toBe(200)
    expect(await ask('a')).toBe(200)
  })

  it('is off at 0', () => {
    expect(limitRate(byHeader, new JumpingClock(), 0)).toBe(byHeader)
  })
})
