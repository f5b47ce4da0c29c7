import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { NodeRow } from '../../src/db/rows.js'
import { volumeConnectors, volumeTargets } from '../../src/db/schema/index.js'
import { inventory, outcome, type Inventory } from '../_util/inventory.js'
import { accepts, oddValues } from '../_util/matrix.js'

let inv: Inventory
let node: NodeRow
const version = '1.115'
const unknown = '00000000-0000-0000-0000-000000000000'

beforeAll(async () => {
  inv = await inventory()
}, 30_000)
afterAll(() => inv[Symbol.asyncDispose]())
beforeEach(async () => {
  await inv.clear()
  node = await inv.node({ name: 'n1', powerState: 'power off' })
})

const get = (path: string, v = version) => inv.send('GET', path, { version: v })
const replace = (path: string, value: unknown) => [{ op: 'replace', path, value }]

/** The two kinds, and what is particular to each. */
const kinds = [
  {
    plural: 'connectors',
    noun: 'connector',
    table: volumeConnectors,
    body: { type: 'iqn', connector_id: 'iqn.a' } as Record<string, unknown>,
    other: { type: 'iqn', connector_id: 'iqn.b' } as Record<string, unknown>,
    keys: ['uuid', 'created_at', 'updated_at', 'connector_id', 'extra', 'type', 'links', 'node_uuid'],
    short: ['uuid', 'connector_id', 'type', 'links', 'node_uuid'],
    next: 'uuid,node_uuid,type,connector_id',
    required: 'connector_id',
    taken: 'A volume connector with type iqn and connector ID iqn.a already exists.',
    patchable: 'connector_id, extra, node_uuid, type',
    sort: 'connector_id',
  },
  {
    plural: 'targets',
    noun: 'target',
    table: volumeTargets,
    body: { volume_type: 'iscsi', volume_id: 'v', boot_index: 0 } as Record<string, unknown>,
    other: { volume_type: 'iscsi', volume_id: 'w', boot_index: 1 } as Record<string, unknown>,
    keys: ['uuid', 'created_at', 'updated_at', 'boot_index', 'extra', 'properties', 'volume_id', 'volume_type', 'links', 'node_uuid'],
    short: ['uuid', 'boot_index', 'volume_id', 'volume_type', 'links', 'node_uuid'],
    next: 'uuid,node_uuid,volume_type,boot_index,volume_id',
    required: 'boot_index',
    taken: "A volume target with boot index '0' for the same node already exists.",
    patchable: 'boot_index, extra, node_uuid, properties, volume_id, volume_type',
    sort: 'boot_index',
  },
] // prettier-ignore

describe.each(kinds)('volume $plural', (kind) => {
  const path = `/v1/volume/${kind.plural}`
  const post = (body: object) =>
    inv.send('POST', path, { version, body: { node_uuid: node.uuid, ...body } })
  const patch = (uuid: string, body: unknown) =>
    inv.send('PATCH', `${path}/${uuid}`, { version, body })
  const remove = (uuid: string) => inv.send('DELETE', `${path}/${uuid}`, { version })
  const rows = () => inv.ctx.db.orm.select().from(kind.table)
  const items = (r: { body: Record<string, unknown> | null }) =>
    r.body![kind.plural] as Record<string, unknown>[]

  async function made(body: object = kind.body): Promise<string> {
    const reply = await post(body)
    expect(outcome(reply)).toEqual([201, undefined])
    return reply.body?.['uuid'] as string
  }

  it('are created and read, in full and in short', async () => {
    const reply = await post(kind.body)
    const uuid = reply.body?.['uuid'] as string
    expect(reply.headers.get('location')).toBe(`http://ferric.test${path}/${uuid}`)
    expect(Object.keys(reply.body ?? {})).toEqual(kind.keys)
    expect(reply.body).toMatchObject({ ...kind.body, extra: {}, node_uuid: node.uuid })
    expect((await get(`${path}/${uuid}`)).body).toEqual(reply.body)
    expect(Object.keys(items(await get(path))[0] ?? {})).toEqual(kind.short)
    expect(items(await get(`${path}?detail=true`))).toEqual([reply.body])
    expect(Object.keys((await get(`${path}/${uuid}?fields=uuid`)).body ?? {})).toEqual([
      'uuid',
      'links',
    ])
  })

  it('are listed by node, after a marker, sorted', async () => {
    const [a, b] = [await made(), await made(kind.other)]
    const other = await inv.node({ name: 'n2' })
    const uuids = async (query: string) => items(await get(query)).map((i) => i['uuid'])
    expect(await uuids(`${path}?node=n1`)).toEqual([a, b])
    expect(await uuids(`/v1/nodes/${node.uuid}/volume/${kind.plural}`)).toEqual([a, b])
    expect(await uuids(`${path}?node=${other.uuid}`)).toEqual([])
    expect(await uuids(`${path}?marker=${a}`)).toEqual([b])
    expect(await uuids(`${path}?sort_key=${kind.sort}&sort_dir=desc`)).toEqual([b, a])
    expect((await get(`${path}?limit=1`)).body?.['next']).toBe(
      `http://ferric.test${path}?sort_key=id&sort_dir=asc&fields=${kind.next}&limit=1&marker=${a}`,
    )
  })

  it.each([
    ['?detail=true&fields=uuid', 400, "Can't fetch a subset of fields with 'detail' set"],
    ['?sort_key=extra', 400, 'The sort_key value extra is an invalid field for sorting'],
    ['?sort_key=node_uuid', 400, 'The sort_key value "node_uuid" is an invalid field for sorting'],
    ['?marker=x', 400, 'Expected UUID for marker: x'],
    [`?marker=${unknown}`, 404, `Volume ${kind.noun} ${unknown} could not be found.`],
    ['?node=nope', 404, 'Node nope could not be found.'],
    ['?node=a!b', 400, 'Expected UUID or name for node: a!b'],
    ['?foo=1', 400, 'Unexpected arguments: foo'],
    ['/x', 400, `Expected UUID for ${kind.noun}_uuid: x`],
    [`/${unknown}`, 404, `Volume ${kind.noun} ${unknown} could not be found.`],
  ])('refuse %s', async (query, status, fault) => {
    expect(outcome(await get(path + query))).toEqual([status, fault])
  })

  it('do not exist before 1.32', async () => {
    for (const p of [path, `/v1/nodes/${node.uuid}/volume/${kind.plural}`]) {
      expect((await get(p, '1.31')).body?.['error_message']).toBe(
        JSON.stringify({ code: 404, title: 'Not Found', description: '' }),
      )
    }
  })

  it('are refused with a text that says what is wrong', async () => {
    const uuid = await made()
    expect((await post({})).fault).toBe(
      `Schema error for ${kind.noun}: '${kind.required}' is a required property`,
    )
    expect((await post({ ...kind.body, node_uuid: unknown })).fault).toBe(
      `Invalid input for field/attribute node_uuid. Value: '${unknown}'. `,
    )
    expect(outcome(await post(kind.body))).toEqual([409, kind.taken])
    expect(outcome(await post({ ...kind.body, uuid }))).toEqual([409, kind.taken])
    expect((await post({ ...kind.other, uuid })).fault).toBe(
      `A volume ${kind.noun} with UUID ${uuid} already exists.`,
    )
    expect((await rows()).length).toBe(1)
  })

  it('live at the top, also those of a node', async () => {
    const uuid = await made()
    const below = `/v1/nodes/${node.uuid}/volume/${kind.plural}`
    const refused = [400, 'Malformed request URI.']
    expect(outcome(await get(`${below}/${uuid}`))).toEqual(refused)
    const send = (method: string, p: string, body?: unknown) =>
      inv.send(method, p, { version, body })
    expect(outcome(await send('PATCH', `${below}/${uuid}`, []))).toEqual(refused)
    expect(outcome(await send('DELETE', `${below}/${uuid}`))).toEqual(refused)
    expect(outcome(await send('POST', below, { node_uuid: node.uuid, ...kind.other }))).toEqual(
      refused,
    )
    expect((await get(`${below}/${unknown}`)).status).toBe(404)
    expect((await get(`/v1/nodes/n1/volume/${kind.plural}`)).fault).toBe(
      'Node n1 could not be found.',
    )
  })

  it('change only while the node is off', async () => {
    const uuid = await made()
    expect((await patch(uuid, [])).body?.['updated_at']).toBeNull()
    expect((await patch(uuid, replace('/extra', { a: 1 }))).body).toMatchObject({ extra: { a: 1 } })
    for (const powerState of ['power on', null]) {
      await inv.setNode(node.id, { powerState, provisionState: 'active' })
      const state = powerState ?? 'None'
      expect(outcome(await patch(uuid, replace('/extra', {})))).toEqual([
        400,
        `The requested action "volume ${kind.noun} update" can not be performed on node "${node.uuid}" while it is in state "${state}".`,
      ])
      expect((await remove(uuid)).fault).toContain(`"volume ${kind.noun} deletion"`)
    }
    await inv.setNode(node.id, { provisionState: 'manageable' })
    expect((await remove(uuid)).status).toBe(204)
    expect((await remove(uuid)).status).toBe(404)
  })

  it('move to a node of the same owner', async () => {
    const uuid = await made()
    const other = await inv.node({ powerState: 'power off' })
    expect((await patch(uuid, replace('/node_uuid', other.uuid))).body).toMatchObject({
      node_uuid: other.uuid,
    })
    const foreign = await inv.node({ owner: 'somebody', powerState: 'power off' })
    expect((await patch(uuid, replace('/node_uuid', foreign.uuid))).fault).toBe(
      `Unable to apply the requested node_uuid '${foreign.uuid}'. Requested value was invalid.`,
    )
    expect((await patch(uuid, replace('/node_uuid', 'zz'))).fault).toBe(
      'Expected a UUID for node_uuid, but received zz.',
    )
    expect((await patch(uuid, replace('/uuid', unknown))).fault).toBe(
      `Cannot patch /uuid. Only the following can be updated: ${kind.patchable}`,
    )
    expect((await patch(uuid, [{ op: 'remove', path: `/${kind.required}` }])).fault).toBe(
      `Schema error for patch: '${kind.required}' is a required property`,
    )
  })

  const int32 = (v: unknown) =>
    typeof v === 'number' && Number.isInteger(v) && Math.abs(v) < 2 ** 31
  const must = { nullable: false }
  const takes: Record<string, (v: unknown) => boolean> = {
    extra: accepts.object,
    type: accepts.text(1024, must),
    connector_id: accepts.text(1024, must),
    boot_index: int32,
    properties: accepts.object,
    volume_id: accepts.text(1024, must),
    volume_type: accepts.text(1024, must),
  }
  const fields = [
    'extra',
    ...Object.keys(kind.body),
    ...(kind.noun === 'target' ? ['properties'] : []),
  ]

  it.each(fields)('%s takes or refuses any value with a clear answer', async (field) => {
    const accepted = takes[field] ?? accepts.nothing
    for (const [what, value] of oddValues) {
      const reply = await post({ ...kind.body, [field]: value })
      expect([what, reply.status]).toEqual([what, accepted(value) ? 201 : 400])
      expect((await rows()).length).toBe(reply.status === 201 ? 1 : 0)
      await inv.ctx.db.orm.delete(kind.table)
    }
    const uuid = await made()
    for (const [what, value] of oddValues) {
      const before = await rows()
      const reply = await patch(uuid, replace(`/${field}`, value))
      expect([what, reply.status]).toEqual([what, accepted(value) ? 200 : 400])
      expect((await rows()).length).toBe(1)
      expect(reply.status === 200 || JSON.stringify(await rows()) === JSON.stringify(before)).toBe(
        true,
      )
    }
  })
})

describe('the properties of a volume target', () => {
  it('do not show secrets', async () => {
    const body = {
      ...kinds[1]?.body,
      node_uuid: node.uuid,
      properties: { auth_password: 'x', iqn: 'y' },
    }
    const reply = await inv.send('POST', '/v1/volume/targets', { version, body })
    expect(reply.body?.['properties']).toEqual({ auth_password: '******', iqn: 'y' })
  })
})

describe('the root of volumes', () => {
  it('says where the parts are, also of a node that is not there', async () => {
    const link = (path: string) => [
      { href: `http://ferric.test/v1/${path}`, rel: 'self' },
      { href: `http://ferric.test/${path}`, rel: 'bookmark' },
    ]
    expect((await get('/v1/volume')).body).toEqual({
      links: link('volume/'),
      connectors: link('volume/connectors'),
      targets: link('volume/targets'),
    })
    expect((await get('/v1/nodes/nope/volume')).body).toMatchObject({
      targets: link('nodes/nope/volume/targets'),
    })
    expect(outcome(await get('/v1/volume', '1.31'))).toEqual([
      404,
      'The API is not supported for this version',
    ])
  })
})
