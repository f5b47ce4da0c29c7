import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { conductors } from '../../src/db/schema/index.js'
import { answer, openBench, type Bench } from './_node-bench.js'

const version = '1.115'
let bench: Bench
const get = (rest: string, at = version) =>
  bench.send('GET', `/v1/conductors${rest}`, { version: at })

beforeAll(async () => {
  bench = await openBench({ conductor: { heartbeat_timeout: 60 } })
  const now = bench.ctx.clock.now().getTime()
  await bench.ctx.db.orm.insert(conductors).values([
    { hostname: 'silent', online: true, drivers: [], updatedAt: new Date(now - 61_000) },
    { hostname: 'away', online: false, conductorGroup: 'g', drivers: [], updatedAt: new Date(now) },
  ])
}, 60_000)
afterAll(() => bench[Symbol.asyncDispose]())

type Shown = { hostname: string; alive: boolean }
const listOf = (reply: { body: Record<string, unknown> | null }) =>
  reply.body?.['conductors'] as Shown[]

describe('conductors', () => {
  it('are alive when online and heard of', async () => {
    const shown = listOf(await get('')).map((c) => [c.hostname, c.alive])
    expect(shown).toEqual([
      ['conductor-1', true],
      ['silent', false],
      ['away', false],
    ])
  })

  it.each([
    ['', ['hostname', 'conductor_group', 'links', 'alive']],
    [
      '?detail=true',
      ['created_at', 'updated_at', 'hostname', 'conductor_group', 'drivers', 'links', 'alive'],
    ],
    ['?fields=alive,drivers', ['drivers', 'links', 'alive']],
    ['?fields=', ['links']],
  ])('list%s shows the fields asked for', async (query, names) => {
    expect(Object.keys(listOf(await get(query))[0] ?? {})).toEqual(names)
  })

  it('page by host name', async () => {
    const first = await get('?limit=2')
    expect(first.body?.['next']).toBe(
      'http://ferric.test/v1/conductors?sort_key=id&sort_dir=asc&fields=hostname,conductor_group,alive&limit=2&marker=silent',
    )
    expect(listOf(await get('?limit=2&marker=silent')).map((c) => c.hostname)).toEqual(['away'])
    const down = await get('?sort_key=hostname&sort_dir=desc')
    expect(listOf(down).map((c) => c.hostname)).toEqual(['silent', 'conductor-1', 'away'])
  })

  it.each([
    ['', '1.48', 404, 'The API is not supported for this version'],
    ['/conductor-1', '1.48', 404, 'The API is not supported for this version'],
    ['?sort_key=alive', version, 400, 'The sort_key value alive is an invalid field for sorting'],
    ['?sort_key=foo', version, 400, 'The sort_key value "foo" is an invalid field for sorting'],
    ['?marker=nohost', version, 404, 'Conductor nohost could not be found.'],
    [
      '?fields=foo',
      version,
      400,
      "Schema error: 'foo' is not one of ['alive', 'conductor_group', 'created_at', 'drivers', 'hostname', 'links', 'updated_at']",
    ],
    [
      '?fields=alive&detail=true',
      version,
      400,
      'Can not specify ?detail=True and fields in the same request.',
    ],
    ['/nohost', version, 404, 'Conductor nohost could not be found.'],
    ['/no:such', version, 400, "hostname: invalid literal for int() with base 10: 'such'"],
    ['/conductor-1/x', version, 400, 'Field(s) "x" are not valid'],
    ['/conductor-1?detail=true', version, 400, 'Unexpected arguments: detail'],
  ])('%s at %s is %d', async (rest, at, status, text) => {
    expect(answer(await get(rest, at))).toEqual([status, text])
  })

  it('are shown one by one, with a field as a path segment', async () => {
    const one = await get('/conductor-1/drivers')
    expect(one.body).toMatchObject({ drivers: ['fake-hardware'] })
    expect(Object.keys(one.body ?? {})).toEqual(['drivers', 'links'])
  })
})
