import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chassis } from '../../src/db/schema/index.js'
import type { NodeRow } from '../../src/db/rows.js'
import { answer, openBench, type Bench } from './_node-bench.js'

let bench: Bench
let rows: NodeRow[]
const version = '1.115'
const home = '99999999-2222-4333-8444-555555555555'
const instance = '88888888-2222-4333-8444-555555555555'

beforeAll(async () => {
  bench = await openBench({ api: { max_limit: 50 } })
  const [box] = await bench.ctx.db.orm.insert(chassis).values({ uuid: home }).returning()
  const a = await bench.add({
    name: 'a',
    chassisId: box?.id ?? null,
    description: 'The first 10%',
    resourceClass: 'rc',
    shard: 's1',
    owner: 'p1',
  })
  rows = [
    a,
    await bench.add({ name: 'b', instanceUuid: instance, maintenance: true, lessee: 'p1' }),
    await bench.add({ name: 'c', retired: true, shard: 's2', provisionState: 'active' }),
    await bench.add({ name: null, driver: 'gone', fault: 'power failure' }),
    await bench.add({ name: 'child', parentNode: a.uuid, owner: 'p2' }),
  ]
}, 30_000)
afterAll(() => bench[Symbol.asyncDispose]())

const get = (path: string, v = version) => bench.send('GET', path, { version: v })
const letters = ['a', 'b', 'c', 'd', 'e']
/** The nodes of an answer by their place: `ab`. */
async function listed(path: string): Promise<string> {
  const { body } = await get(path)
  const shown = (body?.['nodes'] ?? []) as { uuid: string }[]
  const uuids = shown.map((n) => n.uuid)
  return uuids.map((u) => letters[rows.findIndex((r) => r.uuid === u)]).join('')
}

describe('a list of nodes', () => {
  it.each([
    ['', 'abcd'],
    ['include_children=true', 'abcde'],
    ['instance_uuid=' + instance, 'b'],
    ['associated=true', 'b'],
    ['associated=false', 'acd'],
    ['maintenance=yes', 'b'],
    ['retired=true', 'c'],
    ['provision_state=active', 'c'],
    ['driver=gone', 'd'],
    ['resource_class=rc', 'a'],
    ['fault=power failure', 'd'],
    ['conductor_group=', 'abcd'],
    ['conductor=nobody', ''],
    ['owner=p1', 'a'],
    ['lessee=p1', 'b'],
    ['project=p1', 'ab'],
    ['description_contains=FIRST', 'a'],
    ['shard=s1,s2', 'ac'],
    ['sharded=false', 'bd'],
    ['chassis_uuid=' + home, 'a'],
    ['maintenance=false&sharded=true', 'ac'],
    ['sort_key=name&sort_dir=desc', 'cbad'],
    ['sort_key=name', 'dabc'],
  ])('with %s holds %s', async (query, expected) => {
    expect(await listed(`/v1/nodes?${query}`)).toBe(expected)
    expect(await listed(`/v1/nodes/detail?${query}`)).toBe(expected)
  })

  it('finds the children of a parent, and the nodes of a chassis and of a conductor', async () => {
    expect(await listed(`/v1/nodes?parent_node=${rows[0]?.uuid ?? ''}`)).toBe('e')
    expect(await listed(`/v1/chassis/${home}/nodes`)).toBe('a')
    expect(await listed(`/v1/chassis/${home}/nodes/detail`)).toBe('a')
    expect(await listed(`/v1/nodes?conductor=${bench.ctx.host}`)).toBe('abc')
  })

  it('is short, or has all fields with detail', async () => {
    const short = (await get('/v1/nodes?limit=1')).body?.['nodes'] as object[]
    expect(Object.keys(short[0] ?? {})).toEqual([
      'uuid',
      'instance_uuid',
      'maintenance',
      'name',
      'power_state',
      'provision_state',
      'links',
    ])
    const old = (await get('/v1/nodes?limit=1', '1.4')).body?.['nodes'] as object[]
    expect(Object.keys(old[0] ?? {})).not.toContain('name')
    const one = await get(`/v1/nodes/${rows[0]?.uuid ?? ''}`)
    for (const path of ['/v1/nodes?limit=1&detail=true', '/v1/nodes/detail?limit=1']) {
      expect((await get(path)).body?.['nodes']).toEqual([one.body])
    }
  })

  it('gives the next page until there is none', async () => {
    let path: string | undefined = '/v1/nodes?limit=2&sort_key=name&sort_dir=desc'
    const seen: string[] = []
    while (path !== undefined && seen.length < 5) {
      const { body } = await get(path)
      seen.push(await listed(path))
      path = (body?.['next'] as string | undefined)?.replace('http://ferric.test', '')
    }
    expect(seen).toEqual(['cb', 'ad', ''])
  })

  it.each(['asc', 'desc'])('is paged by times that have microseconds (%s)', async (direction) => {
    await bench.ctx.db.orm.execute(sql`update nodes set inspection_finished_at =
      '2026-01-01T00:00:00.000000Z'::timestamptz + id / 3 * interval '0.000123 s'`)
    const list = (marker: string) =>
      listed(
        `/v1/nodes?limit=1&sort_key=inspection_finished_at&sort_dir=${direction}&marker=${marker}`,
      )
    const order = direction === 'asc' ? 'abcd' : 'dcba'
    const markers = order.split('').map((letter) => rows[letters.indexOf(letter)]?.uuid ?? '')
    const seen: string[] = []
    for (const marker of markers) seen.push(await list(marker))
    expect(seen.join('')).toBe(order.slice(1))
  })

  it('keeps sorting, filters and form of the request in the next link', async () => {
    const next = async (query: string) => (await get(`/v1/nodes${query}`)).body?.['next']
    const marker = rows[0]?.uuid ?? ''
    const base = 'http://ferric.test/v1/nodes'
    const short = 'instance_uuid,maintenance,power_state,provision_state,uuid,name'
    expect(await next('?limit=1&driver=fake-hardware')).toBe(
      `${base}?sort_key=id&sort_dir=asc&driver=fake-hardware&fields=${short}&limit=1&marker=${marker}`,
    )
    expect(await next('?limit=1&detail=True')).toBe(
      `${base}?sort_key=id&sort_dir=asc&detail=True&limit=1&marker=${marker}`,
    )
    expect(await next('?limit=1&fields=uuid,name&retired=false')).toBe(
      `${base}?sort_key=id&sort_dir=asc&retired=False&fields=uuid,name&limit=1&marker=${marker}`,
    )
    expect(await next('/detail?limit=1&sort_key=name')).toContain('/v1/nodes/detail?sort_key=name')
    expect(await next(`?limit=1&instance_uuid=${instance}`)).toBeUndefined()
  })

  it.each([
    ['sharded=false', 'bd'],
    ['maintenance=false&sharded=true', 'ac'],
    ['associated=false', 'acd'],
    ['shard=s1,s2', 'ac'],
    ['project=p1', 'ab'],
    ['description_contains=FIRST', 'a'],
    ['conductor=absent', ''],
    ['include_children=true', 'abcdchild'],
  ])('follows the pages of %s to exactly %s', async (query, expected) => {
    expect(await followed(`/v1/nodes?limit=1&fields=name&${query}`)).toBe(expected)
  })

  it('stays below its chassis on the next page', async () => {
    const { body } = await get(`/v1/chassis/${home}/nodes?limit=1`)
    expect(body?.['next']).toContain(`/v1/chassis/${home}/nodes?sort_key=id`)
  })

  /** The names on all pages, joined. */
  async function followed(first: string): Promise<string> {
    let seen = ''
    let path: string | undefined = first
    for (let page = 0; path !== undefined && page < 10; page++) {
      const { body } = await get(path)
      const nodes = (body?.['nodes'] ?? []) as { name: string | null }[]
      seen += nodes.map((n) => n.name ?? 'd').join('')
      path = (body?.['next'] as string | undefined)?.replace('http://ferric.test', '')
    }
    return seen
  }

  const minimum = (v: string) =>
    `Request not acceptable. The minimal required API version should be ${v}`
  it.each([
    ['fields=uuid', '1.7', 406, 'Request not acceptable.'],
    ['fields=lessee', '1.64', 406, 'Request not acceptable.'],
    ['sort_key=lessee', '1.64', 406, 'Request not acceptable.'],
    ['provision_state=active', '1.8', 406, 'Request not acceptable.'],
    ['driver=x', '1.15', 406, minimum('1.16')],
    ['resource_class=x', '1.20', 406, minimum('1.21')],
    ['fault=x', '1.41', 406, minimum('1.42')],
    ['shard=x', '1.81', 406, minimum('1.82')],
    ['sharded=true', '1.81', 406, minimum('1.82')],
    ['parent_node=x', '1.82', 406, minimum('1.83')],
    ['instance_name=x', '1.103', 406, 'instance_name is not acceptable in this API version'],
    ['detail=True', '1.42', 400, 'Invalid query parameter ?detail=True received.'],
    ['provision_state=x', version, 400, 'Provision state "x" is not valid'],
    [
      'fault=x',
      version,
      400,
      `Unrecognized fault "x" is specified, allowed faults are ('power failure', 'clean failure', 'rescue abort failure', 'service failure')`,
    ],
    ['fields=foo', version, 400, 'Field foo is not a valid field.'],
    [
      'fields=uuid&detail=true',
      version,
      400,
      'Can not specify ?detail=True and fields in the same request.',
    ],
    ['limit=0', version, 400, 'Limit must be positive'],
    [
      'sort_dir=up',
      version,
      400,
      "Invalid sort direction: up. Acceptable values are 'asc' or 'desc'",
    ],
    ['sort_key=extra', version, 400, 'The sort_key value extra is an invalid field for sorting'],
    ['sort_key=ports', version, 400, 'The sort_key value "ports" is an invalid field for sorting'],
    ['marker=x', version, 400, 'Expected UUID for marker: x'],
    [`marker=${home}`, version, 404, `Node ${home} could not be found.`],
    [`chassis_uuid=${instance}`, version, 404, `Chassis ${instance} could not be found.`],
    ['foo=1', version, 400, 'Unexpected arguments: foo'],
  ])('refuses %s at %s: %i', async (query, v, status, text) => {
    expect(answer(await get(`/v1/nodes?${query}`, v))).toEqual([status, text])
  })

  it('is refused below a chassis for anything but a list', async () => {
    const path = `/v1/chassis/${home}/nodes`
    const malformed = [400, 'Malformed request URI.']
    expect(answer(await get(`${path}/${instance}`))).toEqual(malformed)
    const body = { driver: 'fake-hardware' }
    expect(answer(await bench.send('POST', path, { version, body }))).toEqual([
      400,
      `Schema error for node: '${home}' is not of type 'object'`,
    ])
    expect(answer(await bench.send('DELETE', path, { version }))).toEqual(malformed)
    const patch = [{ op: 'add', path: '/extra/x', value: 1 }]
    const one = await bench.send('PATCH', `${path}/${instance}`, { version, body: patch })
    expect(answer(one)).toEqual([400, expect.stringContaining('Invalid reset_interfaces')])
  })
})
