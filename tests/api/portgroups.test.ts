import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { NodeRow } from '../../src/db/rows.js'
import { portgroups, ports } from '../../src/db/schema/index.js'
import { inventory, outcome, type Inventory } from '../_util/inventory.js'
import { accepts, oddValues } from '../_util/matrix.js'

let inv: Inventory
let node: NodeRow
const version = '1.115'
const address = '52:54:00:00:00:01'
const unknown = '00000000-0000-0000-0000-000000000000'

beforeAll(async () => {
  inv = await inventory()
}, 30_000)
afterAll(() => inv[Symbol.asyncDispose]())
beforeEach(async () => {
  await inv.clear()
  node = await inv.node({ name: 'n1' })
})

const post = (body: object, v = version) =>
  inv.send('POST', '/v1/portgroups', { version: v, body: { node_uuid: node.uuid, ...body } })
const patch = (ident: string, body: unknown, v = version) =>
  inv.send('PATCH', `/v1/portgroups/${ident}`, { version: v, body })
const get = (path: string, v = version) => inv.send('GET', path, { version: v })
const replace = (path: string, value: unknown) => [{ op: 'replace', path, value }]

async function newGroup(values: object = {}): Promise<string> {
  const made = await post(values)
  expect(outcome(made)).toEqual([201, undefined])
  return made.body?.['uuid'] as string
}

async function addPort(group: string, values: Partial<typeof ports.$inferInsert> = {}) {
  const groups = await inv.ctx.db.orm.select().from(portgroups)
  const portgroupId = groups.find((g) => g.uuid === group)?.id ?? null
  const uuid = crypto.randomUUID()
  await inv.ctx.db.orm
    .insert(ports)
    .values({ uuid, address, nodeId: node.id, portgroupId, ...values })
}

describe('a port group', () => {
  const fields = ['uuid', 'created_at', 'updated_at', 'address', 'extra', 'internal_info', 'mode', 'name', 'properties', 'standalone_ports_supported', 'node_uuid', 'physical_network', 'category', 'dynamic_portgroup', 'links', 'ports'] // prettier-ignore

  it('has upstream fields in upstream order and the configured mode', async () => {
    const made = await post({ address: address.toUpperCase(), name: 'pg' })
    const uuid = made.body?.['uuid'] as string
    expect(made.headers.get('location')).toBe(`http://ferric.test/v1/portgroups/${uuid}`)
    expect(Object.keys(made.body ?? {})).toEqual(fields)
    expect(made.body).toMatchObject({
      address,
      mode: 'active-backup',
      standalone_ports_supported: true,
      dynamic_portgroup: false,
      ports: [
        { href: `http://ferric.test/v1/portgroups/${uuid}/ports`, rel: 'self' },
        { href: `http://ferric.test/portgroups/${uuid}/ports`, rel: 'bookmark' },
      ],
    })
    for (const ident of [uuid, 'pg']) {
      expect((await get(`/v1/portgroups/${ident}`)).body).toEqual(made.body)
    }
  })

  it('is shown by version when alone, and whole in lists', async () => {
    const uuid = await newGroup({ name: 'pg' })
    const single = (await get(`/v1/portgroups/${uuid}`, '1.25')).body ?? {}
    const later = ['mode', 'properties', 'physical_network', 'category', 'dynamic_portgroup']
    expect(Object.keys(single)).toEqual(fields.filter((f) => !later.includes(f)))
    const list = (await get('/v1/portgroups/detail', '1.23')).body?.['portgroups'] as object[]
    expect(Object.keys(list[0] ?? {})).toEqual(fields)
    const chosen = await get(`/v1/portgroups/${uuid}?fields=category,name`, '1.102')
    expect(Object.keys(chosen.body ?? {})).toEqual(['name', 'links'])
  })

  it('does not exist before 1.23', async () => {
    const text = 'The API is not supported for this version'
    expect(outcome(await get('/v1/portgroups', '1.22'))).toEqual([404, text])
    expect(outcome(await post({}, '1.22'))).toEqual([404, text])
    expect((await get(`/v1/nodes/${node.uuid}/portgroups`, '1.23')).body?.['error_message']).toBe(
      JSON.stringify({ code: 404, title: 'Not Found', description: '' }),
    )
  })
})

describe('creating a port group', () => {
  it.each<[string, object, string, number, string]>([
    ['no node', { node_uuid: undefined }, version, 400, "Schema error for portgroup: 'node_uuid' is a required property"],
    ['a node that is not there', { node_uuid: unknown }, version, 400, `Node ${unknown} could not be found.`],
    ['a bad address', { address: 'x' }, version, 400, 'Expected valid MAC address for address: x'],
    ['a bad name', { name: 'a b' }, version, 400, "Cannot create portgroup with invalid name 'a b'"],
    ['a mode early', { mode: 'x' }, '1.25', 406, 'Request not acceptable.'],
    ['properties early', { properties: { a: 1 } }, '1.25', 406, 'Request not acceptable.'],
    ['what cannot be written', { dynamic_portgroup: true }, version, 400, "Schema error for portgroup: Additional properties are not allowed ('dynamic_portgroup' was unexpected)"],
  ])('refuses %s', async (_what, change, v, status, fault) => {
    expect(outcome(await post(change, v))).toEqual([status, fault])
    expect(await inv.ctx.db.orm.select().from(portgroups)).toEqual([])
  }) // prettier-ignore

  it('refuses what is taken, and takes nothing for something', async () => {
    const uuid = await newGroup({ name: 'pg', address })
    expect((await post({ name: 'pg' })).fault).toBe('A portgroup with name pg already exists.')
    expect((await post({ address })).fault).toBe(
      `A portgroup with MAC address ${address} already exists.`,
    )
    expect((await post({ uuid })).fault).toBe(`A portgroup with UUID ${uuid} already exists.`)
    expect((await post({ properties: {}, mode: null }, '1.25')).status).toBe(201)
  })
})

describe('a list of port groups', () => {
  const names = (r: { body: Record<string, unknown> | null }) =>
    (r.body!['portgroups'] as { name: string }[]).map((g) => g.name).join('')

  beforeEach(async () => {
    const other = await inv.node({ name: 'n2', shard: 's2', conductorGroup: 'g2' })
    await newGroup({ name: 'a', address })
    await post({ node_uuid: other.uuid, name: 'b', uuid: unknown })
    await newGroup({ name: 'c' })
  })

  it.each([
    ['', 'abc'],
    ['?node=n2', 'b'],
    [`?address=${address}`, 'a'],
    ['?address=52:54:00:AB:CD:EF', ''],
    ['?shard=s2', 'b'],
    ['?conductor_groups=g2,g3', 'b'],
    ['?sort_key=name&sort_dir=desc', 'cba'],
    [`?marker=${unknown}`, 'c'],
    ['/detail?node=n1', 'ac'],
  ])('%s holds %s', async (query, expected) => {
    expect(names(await get(`/v1/portgroups${query}`))).toBe(expected)
  })

  it('below a node holds its own, by UUID only', async () => {
    const below = `/v1/nodes/${node.uuid}/portgroups`
    expect(names(await get(below))).toBe('ac')
    expect(names(await get(`${below}/detail`))).toBe('ac')
    expect((await get('/v1/nodes/n1/portgroups')).fault).toBe('Portgroup None could not be found.')
    expect((await get(`${below}/nope`)).fault).toBe('Portgroup nope could not be found.')
    expect((await get(`${below}/a`)).fault).toBe('Malformed request URI.')
  })

  it('names the next page', async () => {
    expect(
      (await get('/v1/portgroups?limit=1&sort_key=name&sort_dir=desc')).body?.['next'],
    ).toMatch(
      /\/v1\/portgroups\?sort_key=name&sort_dir=desc&fields=uuid,address,name&limit=1&marker=/,
    )
  })

  it.each<[string, string, number, string]>([
    ['?node=n1&shard=s', version, 400, 'Filtering by node, address, or shard simultaneously is not supported.'],
    ['?shard=s', '1.105', 406, 'Request not acceptable. The minimal required API version should be 1.106'],
    ['?fields=mode', '1.25', 406, 'Request not acceptable.'],
    ['?sort_key=mode', '1.25', 406, 'Request not acceptable.'],
    ['?detail=true', '1.42', 400, 'Invalid query parameter ?detail=True received.'],
    ['?detail=true&fields=uuid', version, 400, 'Can not specify ?detail=True and fields in the same request.'],
    ['?sort_key=properties', version, 400, 'The sort_key value properties is an invalid field for sorting'],
    ['?sort_dir=x', version, 400, "Schema error: 'x' is not one of ['asc', 'desc']"],
    ['?marker=x', version, 400, "Schema error: 'x' is not a 'uuid'"],
    ['?node=nope', version, 404, 'Node nope could not be found.'],
    ['?foo=1', version, 400, 'Unexpected arguments: foo'],
  ])('refuses %s at %s', async (query, v, status, fault) => {
    expect(outcome(await get(`/v1/portgroups${query}`, v))).toEqual([status, fault])
  }) // prettier-ignore

  it('refuses a field that is none, naming those that are', async () => {
    expect((await get('/v1/portgroups?fields=foo')).fault).toMatch(
      /^Schema error: 'foo' is not one of \['address', 'category', .*'uuid'\]$/,
    )
  })
})

describe('changing a port group', () => {
  it.each<[string, unknown, string, number, string]>([
    ['what is not patchable', replace('/dynamic_portgroup', true), version, 400, 'Cannot patch /dynamic_portgroup. Only the following can be updated: address, extra, mode, name, node_uuid, properties, standalone_ports_supported, physical_network, category'],
    ['its name badly', replace('/name', 'a b'), version, 400, "Portgroup pg: Cannot change name to invalid name 'a b'"],
    ['its mode away', [{ op: 'remove', path: '/mode' }], version, 400, "'mode' is a mandatory attribute and can not be removed"],
    ['its mode early', replace('/mode', 'x'), '1.25', 406, 'Request not acceptable.'],
    ['its flag to nothing', replace('/standalone_ports_supported', null), version, 400, "Field `standalone_ports_supported' cannot be None"],
    ['its node to none', replace('/node_uuid', unknown), version, 400, `Unable to apply the requested node_uuid '${unknown}'. Requested value was invalid.`],
  ])('refuses %s', async (_what, body, v, status, fault) => {
    await newGroup({ name: 'pg' })
    expect(outcome(await patch('pg', body, v))).toEqual([status, fault])
  }) // prettier-ignore

  it('accepts a later item for mode and properties below their version', async () => {
    const uuid = await newGroup()
    const later = [
      ...replace('/extra', { a: 1 }),
      ...replace('/mode', '802.3ad'),
      ...replace('/properties', { miimon: 100 }),
    ]
    expect((await patch(uuid, later, '1.23')).status).toBe(200)
    expect((await get(`/v1/portgroups/${uuid}`)).body).toMatchObject({
      mode: '802.3ad',
      properties: { miimon: 100 },
    })
  })

  it('takes its ports along into a physical network', async () => {
    const uuid = await newGroup()
    await addPort(uuid, { physicalNetwork: 'old' })
    const changed = await patch(uuid, [
      ...replace('/extra', { a: 1 }),
      ...replace('/physical_network', 'net'),
    ])
    expect(changed.body).toMatchObject({ physical_network: 'net', extra: { a: 1 } })
    expect(await inv.ctx.db.orm.select().from(ports)).toMatchObject([{ physicalNetwork: 'net' }])
    await patch(uuid, [{ op: 'remove', path: '/physical_network' }])
    expect(await inv.ctx.db.orm.select().from(ports)).toMatchObject([{ physicalNetwork: null }])
  })

  it('moves to another node only when nothing depends on it', async () => {
    const uuid = await newGroup()
    const other = await inv.node({ provisionState: 'active' })
    const move = () => patch(uuid, replace('/node_uuid', other.uuid))
    expect((await move()).fault).toMatch(
      /can not be associated to node .* Current state is 'active'\.$/,
    )
    await inv.setNode(other.id, { provisionState: 'enroll' })
    await addPort(uuid)
    expect((await move()).fault).toMatch(
      /because there are ports associated with this portgroup\.$/,
    )
    await inv.ctx.db.orm.delete(ports)
    expect((await move()).body).toMatchObject({ node_uuid: other.uuid })
  })

  it('waits for an inspection to end', async () => {
    const uuid = await newGroup()
    await inv.setNode(node.id, { provisionState: 'inspecting' })
    expect(outcome(await patch(uuid, replace('/extra', {}), '1.39'))).toEqual([
      409,
      `Cannot update portgroup "${uuid}" on node "${node.uuid}" while it is in state "inspecting".`,
    ])
    expect((await patch(uuid, replace('/extra', {}), '1.38')).status).toBe(200)
  })

  it('is deleted only without ports', async () => {
    const uuid = await newGroup({ name: 'pg' })
    await addPort(uuid)
    const remove = () => inv.send('DELETE', '/v1/portgroups/pg', { version })
    expect((await remove()).fault).toMatch(/because portgroup \d+ contains ports\.$/)
    await inv.ctx.db.orm.delete(ports)
    expect((await remove()).status).toBe(204)
    expect((await remove()).fault).toBe('Portgroup pg could not be found.')
  })
})

describe('every field of a port group', () => {
  const logicalName = (v: unknown) =>
    v === null || v === '' || (typeof v === 'string' && /^[A-Za-z0-9\-._~]{1,255}$/.test(v))
  const fields: [string, (v: unknown) => boolean, ((v: unknown) => boolean)?][] = [
    ['address', (v) => v === null || accepts.mac(v)],
    ['category', accepts.text(80)],
    ['extra', accepts.object],
    ['mode', accepts.text(255)],
    ['name', logicalName],
    ['node_uuid', accepts.nothing],
    ['physical_network', accepts.text(64)],
    ['properties', accepts.object],
    ['standalone_ports_supported', accepts.flag],
    ['uuid', (v) => v === null || accepts.uuid(v), accepts.nothing],
  ]
  const rows = () => inv.ctx.db.orm.select().from(portgroups)

  it.each(fields)(
    '%s takes or refuses any value with a clear answer',
    async (field, creates, patches) => {
      for (const [what, value] of oddValues) {
        const made = await post({ [field]: value })
        expect([what, made.status]).toEqual([what, creates(value) ? 201 : 400])
        expect((await rows()).length).toBe(made.status === 201 ? 1 : 0)
        await inv.ctx.db.orm.delete(portgroups)
      }
      const uuid = await newGroup()
      const [before] = await rows()
      for (const [what, value] of oddValues) {
        const changed = await patch(uuid, replace(`/${field}`, value))
        const takesIt = (patches ?? creates)(value)
        expect([what, changed.status]).toEqual([what, takesIt ? 200 : 400])
        if (takesIt) await inv.ctx.db.orm.update(portgroups).set(before!)
        expect(await rows()).toEqual([before])
      }
    },
  )
})
