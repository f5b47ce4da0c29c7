import { describe, expect, it } from 'vitest'
import { AccessDenied, ConnectionFailed } from '../../../src/protocols/redfish/errors.js'
import { service, sessions, type Handler } from './_service.js'

const system = '/redfish/v1/Systems/1'
const ok: Handler = () => ({ json: { Id: '1', PowerState: 'On' } })
const count = (lines: { method: string; path: string }[], method: string, path: RegExp): number =>
  lines.filter((a) => a.method === method && path.test(a.path)).length

describe('authentication', () => {
  it('makes one session for many requests and deletes it in the end, at our host', async () => {
    const { handler, open } = sessions(ok)
    const bmc = await service(handler)
    await Promise.all([bmc.talk.get(system), bmc.talk.get(system), bmc.talk.get(system)])
    expect(count(bmc.asked, 'POST', /Sessions$/)).toBe(1)
    expect(open.size).toBe(1)
    await bmc[Symbol.asyncDispose]()
    expect(open.size).toBe(0)
  })

  it('logs in again when the session is gone, and repeats the request once, a change too', async () => {
    const { handler, expire } = sessions(ok)
    await using bmc = await service(handler)
    await bmc.talk.get(system)
    expire()
    await bmc.talk.post(`${system}/Actions/ComputerSystem.Reset`, { ResetType: 'On' })
    expect(count(bmc.asked, 'POST', /Sessions$/)).toBe(2)
    expect(count(bmc.asked, 'POST', /Reset$/)).toBe(2)
  })

  it('falls back to Basic where there are no sessions', async () => {
    await using bmc = await service((asked) => {
      if (asked.path.includes('Session')) return { status: 404 }
      return asked.path === system ? ok(asked) : undefined
    })
    await bmc.talk.get(system)
    expect(bmc.asked.at(-1)?.headers.authorization).toBe(
      `Basic ${Buffer.from('admin:top-secret').toString('base64')}`,
    )
  })

  it('does not fall back when only sessions are wanted', async () => {
    const credentials = { username: 'admin', password: 'x', authType: 'session' } as const
    await using bmc = await service(() => undefined, { credentials })
    await expect(bmc.talk.get(system)).rejects.toThrow('Sessions not found')
  })

  it('gives up on a wrong password without a loop', async () => {
    await using bmc = await service((asked) =>
      asked.path === '/redfish/v1/' ? undefined : { status: 401, json: {} },
    )
    await expect(bmc.talk.get(system)).rejects.toBeInstanceOf(AccessDenied)
    expect(bmc.asked.length).toBeLessThan(5)
  })

  it('sends nothing secret without an account', async () => {
    const credentials = { username: null, password: null, authType: 'auto' } as const
    await using bmc = await service((asked) => (asked.path === system ? ok(asked) : undefined), {
      credentials,
    })
    await bmc.talk.get(system)
    expect(bmc.asked.every((a) => a.headers.authorization === undefined)).toBe(true)
  })
})

describe('repeating', () => {
  const failing = (times: number, status: number, headers: Record<string, string> = {}) => {
    let left = times
    return sessions((asked) => (left-- > 0 ? { status, headers, json: {} } : ok(asked))).handler
  }

  it('waits as long as Retry-After says, also before a change', async () => {
    await using bmc = await service(failing(1, 503, { 'Retry-After': '7' }))
    await bmc.talk.post(`${system}/Reset`, {})
    expect(bmc.waits).toEqual([7000])
  })

  it('does not wait for a service that asks for minutes', async () => {
    await using bmc = await service(failing(1, 503, { 'Retry-After': '600' }))
    await expect(bmc.talk.get(system)).rejects.toThrow('returned code 503')
    expect(bmc.waits).toEqual([])
  })

  it('reads again after 500, at most as often as told', async () => {
    await using bmc = await service(failing(2, 500))
    await bmc.talk.get(system)
    expect(bmc.waits).toEqual([4000, 4000])
    await using worse = await service(failing(3, 500))
    await expect(worse.talk.get(system)).rejects.toThrow('returned code 500')
    expect(count(worse.asked, 'GET', /Systems/)).toBe(3)
  })

  it.each([500, 502, 503, 409, 400])(
    'sends a change once when it is answered with %i',
    async (status) => {
      await using bmc = await service(failing(5, status))
      await expect(bmc.talk.post(`${system}/Reset`, {})).rejects.toThrow(`returned code ${status}`)
      expect(count(bmc.asked, 'POST', /Reset/)).toBe(1)
    },
  )

  it.each([
    ['SYS518', 'iDRAC: SYS518: not ready'],
    ['InvalidOperationForSystemState', 'iLO.2.14.InvalidOperationForSystemState'],
  ])('sends a change again when the BMC says it is busy (%s)', async (_name, message) => {
    let first = true
    const { handler } = sessions(() => {
      if (!first) return { status: 204 }
      first = false
      return { status: 400, json: { error: { message } } }
    })
    await using bmc = await service(handler)
    await bmc.talk.post(`${system}/Reset`, {})
    expect(count(bmc.asked, 'POST', /Reset/)).toBe(2)
  })

  it('knows that a service that is not there never heard the request', async () => {
    await using bmc = await service(ok, { origin: 'http://127.0.0.1:1' })
    const failed: unknown = await bmc.talk.get(system).catch((error: unknown) => error)
    expect(failed).toBeInstanceOf(ConnectionFailed)
    expect((failed as ConnectionFailed).notSent).toBe(true)
  })
})

describe('tags', () => {
  const tagged = (tags: string[]) => {
    const seen: (string | undefined)[] = []
    const { handler } = sessions((asked) => {
      if (asked.method === 'GET') return { headers: { ETag: tags[0] ?? '' }, json: { Id: '1' } }
      const match = asked.headers['if-match']
      seen.push(match)
      return match === undefined || match === tags.at(-1) ? { status: 204 } : { status: 412 }
    })
    return { handler, seen }
  }

  it('sends the tag that was read', async () => {
    const { handler, seen } = tagged(['"1"'])
    await using bmc = await service(handler)
    await bmc.talk.patch(await bmc.talk.get(system), { Boot: {} })
    expect(seen).toEqual(['"1"'])
  })

  it('reads again when the resource has changed', async () => {
    const tags = ['"1"', '"2"']
    const { handler, seen } = tagged(tags)
    await using bmc = await service(handler)
    const document = await bmc.talk.get(system)
    tags.shift()
    await bmc.talk.patch(document, { Boot: {} })
    expect(seen).toEqual(['"1"', '"2"'])
  })

  it('leaves the tag out where none ever matches', async () => {
    const { handler, seen } = tagged(['W/"weak"', '"never"'])
    await using bmc = await service(handler)
    await bmc.talk.patch(await bmc.talk.get(system), { Boot: {} })
    expect(seen).toEqual(['W/"weak"', '"weak"', undefined])
  })
})

describe('bounds', () => {
  it('follows a redirect within the service, and none to another host', async () => {
    const { handler } = sessions((asked) => {
      if (asked.path === '/old') return { status: 308, headers: { Location: '/redfish/v1/new' } }
      if (asked.path === '/redfish/v1/new') return ok(asked)
      return { status: 302, headers: { Location: 'http://elsewhere.example/redfish/v1/' } }
    })
    await using bmc = await service(handler)
    expect((await bmc.talk.get('/old')).json).toMatchObject({ Id: '1' })
    await expect(bmc.talk.get('/away')).rejects.toThrow('redirects elsewhere')
    await expect(bmc.talk.post('/away', {})).rejects.toThrow('redirects elsewhere')
  })

  it('never asks another host, whatever a link says', async () => {
    const { handler } = sessions(ok)
    await using bmc = await service(handler)
    await bmc.talk.get('https://evil.example/redfish/v1/Systems/1')
    expect(bmc.asked.at(-1)?.path).toBe(system)
  })

  it('reads no answer beyond its bound', async () => {
    const { handler } = sessions(() => ({ json: { text: 'x'.repeat(200_000) } }))
    await using bmc = await service(handler)
    await expect(bmc.talk.get(system)).rejects.toBeInstanceOf(ConnectionFailed)
  })

  it('stops when it is told to', async () => {
    const { handler } = sessions(ok)
    await using bmc = await service(handler)
    const call = { signal: AbortSignal.abort(new Error('enough')), priority: 'verb' } as const
    await expect(bmc.client.get(call, system)).rejects.toThrow('enough')
  })

  it('covers the password in what a service repeats', async () => {
    const { handler } = sessions(() => ({
      status: 400,
      json: { error: { message: 'bad Password top-secret', code: 'Base.1.0.X' } },
    }))
    await using bmc = await service(handler)
    const failed: unknown = await bmc.talk.get(system).catch((error: unknown) => error)
    expect(String(failed)).toContain('bad Password ******')
    expect(JSON.stringify(failed)).not.toContain('top-secret')
  })
})
