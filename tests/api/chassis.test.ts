import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { chassis } from '../../src/db/schema/index.js'
import { inventory, outcome, type Inventory } from '../_util/inventory.js'
import { accepts, oddValues } from '../_util/matrix.js'

let inv: Inventory
const version = '1.115'
const unknown = '00000000-0000-0000-0000-000000000000'

beforeAll(async () => {
  inv = await inventory()
}, 30_000)
afterAll(() => inv[Symbol.asyncDispose]())
beforeEach(async () => {
  await inv.clear()
  await inv.ctx.db.orm.delete(chassis)
})

const post = (body: object) => inv.send('POST', '/v1/chassis', { version, body })
const patch = (uuid: string, body: unknown) =>
  inv.send('PATCH', `/v1/chassis/${uuid}`, { version, body })
const get = (path: string, v = version) => inv.send('GET', `/v1/chassis${path}`, { version: v })
const replace = (path: string, value: unknown) => [{ op: 'replace', path, value }]

async function newChassis(body: object = {}): Promise<string> {
  const made = await post(body)
  expect(outcome(made)).toEqual([201, undefined])
  return made.body?.['uuid'] as string
}

describe('a chassis', () => {
  it('has upstream fields in upstream order, in full and in short', async () => {
    const made = await post({ description: 'rack 1', extra: { a: 1 } })
    const uuid = made.body?.['uuid'] as string
    const link = (path: string) => [
      { href: `http://ferric.test/v1/chassis/${path}`, rel: 'self' },
      { href: `http://ferric.test/chassis/${path}`, rel: 'bookmark' },
    ]
    expect(made.headers.get('location')).toBe(`http://ferric.test/v1/chassis/${uuid}`)
    expect(Object.entries(made.body ?? {})).toEqual([
      ['uuid', uuid],
      ['created_at', expect.any(String)],
      ['updated_at', null],
      ['description', 'rack 1'],
      ['extra', { a: 1 }],
      ['links', link(uuid)],
      ['nodes', [link(`${uuid}/nodes`)]],
    ])
    expect((await get(`/${uuid}`)).body).toEqual(made.body)
    expect((await get('/detail')).body).toEqual({ chassis: [made.body] })
    expect((await get('?detail=true')).body).toEqual({ chassis: [made.body] })
    expect((await get('')).body).toEqual({
      chassis: [{ uuid, description: 'rack 1', links: link(uuid) }],
    })
    expect((await get(`/${uuid}?fields=extra`)).body).toEqual({
      extra: { a: 1 },
      links: link(uuid),
    })
    expect((await get(`/${uuid}/extra`)).body).toEqual({ extra: { a: 1 }, links: link(uuid) })
  })

  it('keeps its UUID as it was written, which is another than in lower case', async () => {
    const uuid = 'AAAAAAAA-BBBB-4CCC-8DDD-EEEEEEEEEEEE'
    expect(await newChassis({ uuid })).toBe(uuid)
    expect((await post({ uuid })).fault).toBe(`A chassis with UUID ${uuid} already exists.`)
    expect((await get(`/${uuid.toLowerCase()}`)).status).toBe(404)
  })

  it('pages, and names the next page with what was asked', async () => {
    const [a, b] = [await newChassis({ description: 'x' }), await newChassis({ description: 'y' })]
    const base = 'http://ferric.test/v1/chassis'
    expect((await get('?limit=1')).body?.['next']).toBe(
      `${base}?sort_key=id&sort_dir=asc&fields=uuid,description&limit=1&marker=${a}`,
    )
    expect((await get('/detail?limit=1&sort_key=description&sort_dir=desc')).body?.['next']).toBe(
      `${base}/detail?sort_key=description&sort_dir=desc&limit=1&marker=${b}`,
    )
    const rest = (await get(`?marker=${a}`)).body?.['chassis'] as { uuid: string }[]
    expect(rest.map((c) => c.uuid)).toEqual([b])
  })

  it.each<[string, string, number, string]>([
    ['?fields=uuid', '1.7', 406, 'Request not acceptable.'],
    ['?fields=foo', version, 400, "Schema error: 'foo' is not one of ['created_at', 'description', 'extra', 'links', 'nodes', 'updated_at', 'uuid']"],
    ['?detail=true', '1.42', 400, 'Invalid query parameter ?detail=True received.'],
    ['?detail=false', '1.42', 400, 'Invalid query parameter ?detail=False received.'],
    ['?detail=true&fields=uuid', version, 400, 'Can not specify ?detail=True and fields in the same request.'],
    ['?sort_key=extra', version, 400, 'The sort_key value extra is an invalid field for sorting'],
    ['?limit=-1', version, 400, 'Limit must be positive'],
    ['?marker=x', version, 400, 'Expected UUID for marker: x'],
    [`?marker=${unknown}`, version, 404, `Chassis ${unknown} could not be found.`],
    ['?foo=1', version, 400, 'Unexpected arguments: foo'],
    ['/x', version, 400, 'Expected UUID for chassis_uuid: x'],
    [`/${unknown}`, version, 404, `Chassis ${unknown} could not be found.`],
    [`/${unknown}/detail`, version, 404, 'Resource could not be found.'],
  ])('is not found by %s at %s', async (path, v, status, fault) => {
    expect(outcome(await get(path, v))).toEqual([status, fault])
  }) // prettier-ignore

  it('changes what may change', async () => {
    const uuid = await newChassis({ description: 'x', extra: { a: 1 } })
    expect((await patch(uuid, [])).body?.['updated_at']).toBeNull()
    expect((await patch(uuid, [{ op: 'add', path: '/extra/b', value: 2 }])).body).toMatchObject({
      extra: { a: 1, b: 2 },
    })
    const { body } = await patch(uuid, [
      { op: 'remove', path: '/description' },
      { op: 'remove', path: '/extra' },
    ])
    expect(body).toMatchObject({ description: null, extra: {} })
    expect((await patch(uuid, replace('/uuid', unknown))).fault).toBe(
      'Cannot overwrite UUID for an existing Chassis.',
    )
    expect((await patch(uuid, replace('/nodes', []))).fault).toBe(
      'Cannot patch /nodes. Only the following can be updated: uuid, extra, description',
    )
  })

  it('goes when no node is in it', async () => {
    const uuid = await newChassis()
    const [row] = await inv.ctx.db.orm.select().from(chassis)
    await inv.node({ chassisId: row?.id ?? null })
    const remove = () => inv.send('DELETE', `/v1/chassis/${uuid}`, { version })
    expect(outcome(await remove())).toEqual([
      400,
      `Cannot complete the requested action because chassis ${uuid} contains nodes.`,
    ])
    await inv.clear()
    expect((await remove()).status).toBe(204)
    expect((await remove()).status).toBe(404)
  })
})

describe('every field of a chassis', () => {
  const fields: [string, (v: unknown) => boolean, ((v: unknown) => boolean)?][] = [
    ['description', accepts.text(255)],
    ['extra', accepts.object],
    ['uuid', (v) => v === null || accepts.uuid(v), accepts.nothing],
  ]
  const rows = () => inv.ctx.db.orm.select().from(chassis)

  it.each(fields)('%s takes or refuses any value', async (field, creates, patches) => {
    for (const [what, value] of oddValues) {
      const made = await post({ [field]: value })
      expect([what, made.status]).toEqual([what, creates(value) ? 201 : 400])
      expect((await rows()).length).toBe(made.status === 201 ? 1 : 0)
      await inv.ctx.db.orm.delete(chassis)
    }
    const uuid = await newChassis()
    const [before] = await rows()
    for (const [what, value] of oddValues) {
      const changed = await patch(uuid, replace(`/${field}`, value))
      const takesIt = (patches ?? creates)(value)
      expect([what, changed.status]).toEqual([what, takesIt ? 200 : 400])
      if (takesIt) await inv.ctx.db.orm.update(chassis).set(before!)
      expect(await rows()).toEqual([before])
    }
  })
})
