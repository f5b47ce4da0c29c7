import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { NodeRow } from '../../src/db/rows.js'
import { portgroups, ports } from '../../src/db/schema/index.js'
import { inventory, outcome, type Inventory } from '../_util/inventory.js'

let inv: Inventory
let node: NodeRow
const version = '1.115'
const address = '52:54:00:00:00:01'
const unknown = '00000000-0000-0000-0000-000000000000'

beforeAll(async () => {
  inv = await inventory()
}, 120_000)
afterAll(() => inv[Symbol.asyncDispose]())
beforeEach(async () => {
  await inv.clear()
  node = await inv.node({ name: 'n1' })
})

const post = (body: object, v = version) => inv.send('POST', '/v1/ports', { version: v, body })
const patch = (ident: string, body: unknown, v = version) =>
  inv.send('PATCH', `/v1/ports/${ident}`, { version: v, body })
const get = (path: string, v = version) => inv.send('GET', path, { version: v })

async function newPort(values: object = {}): Promise<string> {
  const made = await post({ address, node_uuid: node.uuid, ...values })
  expect(outcome(made)).toEqual([201, undefined])
  return made.body?.['uuid'] as string
}

async function newGroup(values: Partial<typeof portgroups.$inferInsert> = {}): Promise<string> {
  const uuid = values.uuid ?? crypto.randomUUID()
  await inv.ctx.db.orm.insert(portgroups).values({ nodeId: node.id, ...values, uuid })
  return uuid
}

describe('a port', () => {
  it('has upstream fields in upstream order, with its node and group', async () => {
    const group = await newGroup()
    const made = await post({
      address: address.toUpperCase(),
      node_uuid: node.uuid,
      portgroup_uuid: group,
    })
    expect(made.status).toBe(201)
    expect(made.headers.get('location')).toBe(
      `http://ferric.test/v1/ports/${made.body?.['uuid'] as string}`,
    )
    expect(Object.keys(made.body ?? {})).toEqual([
      'uuid', 'created_at', 'updated_at', 'address', 'extra', 'internal_info', 'is_smartnic',
      'local_link_connection', 'physical_network', 'pxe_enabled', 'node_uuid', 'name',
      'description', 'vendor', 'category', 'available_for_dynamic_portgroup', 'links',
      'portgroup_uuid',
    ]) // prettier-ignore
    expect(made.body).toMatchObject({
      address,
      node_uuid: node.uuid,
      portgroup_uuid: group,
      pxe_enabled: true,
      is_smartnic: false,
      local_link_connection: {},
      updated_at: null,
    })
    expect((await get(`/v1/ports/${made.body?.['uuid'] as string}`)).body).toEqual(made.body)
  })

  it.each([
    ['1.1', 8],
    ['1.18', 9],
    ['1.19', 11],
    ['1.24', 12],
    ['1.34', 13],
    ['1.53', 14],
    ['1.88', 15],
    ['1.97', 16],
    ['1.100', 17],
    ['1.101', 18],
    ['1.111', 19],
  ])('shows at %s what the version knows', async (v, count) => {
    const uuid = await newPort()
    const keys = Object.keys((await get(`/v1/ports/${uuid}`, v)).body ?? {})
    expect(keys.length).toBe(count - 1)
  })

  it('is found by UUID, address and name, and deleted by UUID only', async () => {
    const uuid = await newPort({ name: 'p1' })
    for (const ident of [uuid, 'p1']) expect((await get(`/v1/ports/${ident}`)).status).toBe(200)
    const remove = (ident: string) => inv.send('DELETE', `/v1/ports/${ident}`, { version })
    expect(outcome(await remove('p1'))).toEqual([400, 'Expected UUID for port_uuid: p1'])
    expect((await remove(uuid)).status).toBe(204)
    expect(outcome(await remove(uuid))).toEqual([404, `Port ${uuid} could not be found.`])
  })

  it('hides a link of the vtep kind where the version cannot express it', async () => {
    const link = { port_id: 'p', 'vtep-logical-switch': 'l', 'vtep-physical-switch': 's' }
    const made = await post({ address, node_uuid: node.uuid, local_link_connection: link }, '1.104')
    expect(made.body?.['local_link_connection']).toEqual(link)
    const path = `/v1/ports/${made.body?.['uuid'] as string}`
    for (const v of ['1.89', '1.105']) {
      expect((await get(path, v)).body?.['local_link_connection']).toEqual({})
    }
  })
})

describe('creating a port', () => {
  it.each<[string, object, string, number, string]>([
    ['no address', { address: undefined }, version, 400, "Schema error for port: 'address' is a required property"],
    ['a bad address', { address: '5254.0000.0001' }, version, 400, 'Expected valid MAC address for address: 5254.0000.0001'],
    ['a node that is not there', { node_uuid: unknown }, version, 400, `Node ${unknown} could not be found.`],
    ['a node name that is not there', { node_uuid: undefined, node_ident: 'nope' }, version, 400, 'Node None could not be found.'],
    ['node_ident early', { node_uuid: undefined, node_ident: 'n1' }, '1.93', 406, 'Request not acceptable.'],
    ['a field early', { vendor: 'v' }, '1.99', 406, 'Request not acceptable.'],
    ['a link early', { local_link_connection: { network_type: 'unmanaged' } }, '1.63', 406, 'Request not acceptable.'],
    ['a vtep link late', { local_link_connection: { port_id: 'p', 'vtep-logical-switch': 'l', 'vtep-physical-switch': 's' } }, '1.105', 406, 'Request not acceptable.'],
    ['half a link', { local_link_connection: { port_id: 'p' } }, version, 400, "Schema error for local_link_connection: {'port_id': 'p'} is not valid under any of the given schemas. Possible root cause: 'switch_id' is a required property"],
    ['a bad switch', { local_link_connection: { port_id: 'p', switch_id: 'zz' } }, version, 400, 'Expected a MAC address or OpenFlow datapath ID but received zz.'],
    ['no group', { portgroup_uuid: unknown }, version, 400, `Portgroup ${unknown} could not be found.`],
    ['a smart NIC without a host', { is_smartnic: true, local_link_connection: { port_id: 'p', switch_id: address } }, version, 400, 'Smart NIC port must have port_id and hostname in local_link_connection'],
    ['an empty network', { physical_network: '' }, version, 400, 'A non-empty value is required when setting physical_network'],
    ['an unknown member', { foo: 1 }, version, 400, "Schema error for port: Additional properties are not allowed ('foo' was unexpected)"],
  ])('refuses %s', async (_what, change, v, status, fault) => {
    expect(outcome(await post({ address, node_uuid: node.uuid, ...change }, v))).toEqual([status, fault])
    expect(await inv.ctx.db.orm.select().from(ports)).toEqual([])
  }) // prettier-ignore

  it('refuses neither and both of the ways to name the node', async () => {
    const neither = await post({ address })
    expect(neither.fault).toMatch(
      /is not valid under any of the given schemas\. Possible root cause: 'node_ident' is a required property$/,
    )
    const both = await post({ address, node_uuid: node.uuid, node_ident: 'n1' })
    expect(both.fault).toMatch(
      /is valid under each of {'required': \['node_uuid'\]}, {'required': \['node_ident'\]}$/,
    )
  })

  it('takes the name of the node', async () => {
    const made = await post({ address, node_ident: 'n1' }, '1.94')
    expect(made.body?.['node_uuid']).toBe(node.uuid)
  })

  it('refuses what is taken', async () => {
    const uuid = await newPort({ name: 'p1' })
    const other = '52:54:00:00:00:02'
    expect((await post({ address, node_uuid: node.uuid })).fault).toBe(
      `A port with MAC address ${address} already exists.`,
    )
    expect((await post({ address: other, node_uuid: node.uuid, uuid })).fault).toBe(
      `A port with UUID ${uuid} already exists.`,
    )
    // Upstream's words: at creation the UUID is blamed for the name.
    expect(
      outcome(await post({ address: other, node_uuid: node.uuid, name: 'p1', uuid: unknown })),
    ).toEqual([409, `A port with UUID ${unknown} already exists.`])
    const second = await newPort({ address: other })
    expect((await patch(second, [{ op: 'add', path: '/name', value: 'p1' }])).fault).toBe(
      'A port with name p1 already exists.',
    )
  })

  it('refuses a group of another node, or one whose members may not boot alone', async () => {
    const other = await inv.node()
    const foreign = await newGroup({ nodeId: other.id })
    expect((await post({ address, node_uuid: node.uuid, portgroup_uuid: foreign })).fault).toBe(
      'Port can not be added to a portgroup belonging to a different node.',
    )
    const bonded = await newGroup({ standalonePortsSupported: false })
    const refused = await post({
      address,
      node_uuid: node.uuid,
      portgroup_uuid: bonded,
      pxe_enabled: true,
    })
    expect(outcome(refused)).toEqual([
      409,
      `Port group ${bonded} doesn't support standalone ports. This port cannot be created as a member of that portgroup as the port's 'pxe_enabled' field was set to True.`,
    ])
  })
})

describe('a list of ports', () => {
  const macs = (r: { body: Record<string, unknown> | null }) =>
    (r.body!['ports'] as { address: string }[]).map((p) => p.address.slice(-1))

  beforeEach(async () => {
    const other = await inv.node({ name: 'n2', shard: 's2', conductorGroup: 'g2' })
    const group = await newGroup({ nodeId: other.id, uuid: unknown, name: 'pg' })
    const [pg] = await inv.ctx.db.orm.select().from(portgroups).where(eq(portgroups.uuid, group))
    for (const n of [1, 2, 3]) {
      await inv.ctx.db.orm.insert(ports).values({
        uuid: `00000000-0000-4000-8000-00000000000${n}`,
        address: `52:54:00:00:00:0${n}`,
        nodeId: n === 1 ? node.id : other.id,
        portgroupId: n === 3 ? (pg?.id ?? null) : null,
        description: n === 2 ? 'Left NIC' : null,
      })
    }
  })

  it.each([
    ['', '123'],
    ['?node=n2', '23'],
    ['?portgroup=pg', '3'],
    ['?address=52:54:00:00:00:02', '2'],
    ['?address=52:54:00:00:00:09', ''],
    ['?shard=s2,s3', '23'],
    ['?conductor_groups=g2', '23'],
    ['?conductor_groups=', '123'],
    ['?description_contains=left', '2'],
    ['?sort_key=address&sort_dir=desc', '321'],
    ['?marker=00000000-0000-4000-8000-000000000001&limit=1', '2'],
    ['/detail?node=n2', '23'],
  ])('%s holds %s', async (query, expected) => {
    expect(macs(await get(`/v1/ports${query}`)).join('')).toBe(expected)
  })

  it('below a node and a group holds theirs', async () => {
    expect(macs(await get(`/v1/nodes/${node.uuid}/ports`))).toEqual(['1'])
    expect(macs(await get(`/v1/nodes/${node.uuid}/ports/detail`))).toEqual(['1'])
    expect(macs(await get(`/v1/portgroups/${unknown}/ports`))).toEqual(['3'])
  })

  it('keeps path, filters and form of the request in the next link', async () => {
    const next = async (query: string) => (await get(`/v1/ports${query}`)).body?.['next']
    const marker = 'marker=00000000-0000-4000-8000-000000000001'
    const base = 'http://ferric.test/v1/ports'
    expect(await next('?limit=1')).toBe(
      `${base}?sort_key=id&sort_dir=asc&fields=uuid,address&limit=1&${marker}`,
    )
    expect(await next('?limit=1&detail=true')).toBe(
      `${base}?sort_key=id&sort_dir=asc&detail=True&limit=1&${marker}`,
    )
    expect(await next('/detail?limit=1')).toBe(
      `${base}/detail?sort_key=id&sort_dir=asc&limit=1&${marker}`,
    )
    expect(await next('?limit=1&shard=s2,s3')).toContain('&shard=s2,s3&fields=uuid,address&limit=1')
    expect(await next('?limit=1&description_contains=l%26t')).toBeUndefined()
    expect(await next('?limit=4')).toBeUndefined()
    const below = `/v1/nodes/${node.uuid}/ports`
    expect((await get(`${below}?limit=1`)).body?.['next']).toContain(`${below}?sort_key=id`)
  })

  it.each<[string, string, number, string]>([
    ['?node=n1&portgroup=pg', version, 403, 'Operation not permitted.'],
    ['?conductor_groups=a&node=n1', version, 400, 'Filtering by conductor_groups cannot be combined with node_ident, portgroup_ident, or node address filters.'],
    ['?node=nope', version, 404, 'Node nope could not be found.'],
    ['?node=n1', '1.4', 406, 'Request not acceptable.'],
    ['?portgroup=pg', '1.23', 406, 'Request not acceptable.'],
    ['?shard=s', '1.81', 406, 'Request not acceptable. The minimal required API version should be 1.82'],
    ['?fields=uuid', '1.7', 406, 'Request not acceptable.'],
    ['?fields=vendor', '1.99', 406, 'Request not acceptable.'],
    ['?sort_key=vendor', '1.99', 406, 'Request not acceptable.'],
    ['?fields=foo', version, 400, 'Field(s) "foo" are not valid'],
    ['?detail=true', '1.42', 400, 'Invalid query parameter ?detail=True received.'],
    ['?detail=true&fields=uuid', version, 400, 'Can not specify ?detail=True and fields in the same request.'],
    ['?sort_key=extra', version, 400, 'The sort_key value extra is an invalid field for sorting'],
    ['?sort_key=node_uuid', version, 400, 'The sort_key value "node_uuid" is an invalid field for sorting'],
    ['?sort_dir=x', version, 400, "Invalid sort direction: x. Acceptable values are 'asc' or 'desc'"],
    ['?limit=0', version, 400, 'Limit must be positive'],
    [`?marker=${unknown}`, version, 404, `Port ${unknown} could not be found.`],
    ['?foo=1', version, 400, 'Unexpected arguments: foo'],
    ['/detail?fields=uuid', version, 400, 'Unexpected arguments: fields'],
  ])('refuses %s at %s', async (query, v, status, fault) => {
    expect(outcome(await get(`/v1/ports${query}`, v))).toEqual([status, fault])
  }) // prettier-ignore

  it('below something needs its UUID, and items live at the top', async () => {
    expect((await get('/v1/nodes/n1/ports')).fault).toBe('Portgroup None could not be found.')
    expect((await get('/v1/portgroups/pg/ports')).fault).toBe('Portgroup pg could not be found.')
    expect((await get(`/v1/portgroups/${unknown}/ports`, '1.23')).status).toBe(404)
    const below = `/v1/nodes/${node.uuid}/ports`
    expect((await get(`${below}/x`)).fault).toBe('Malformed request URI.')
    const body = { address, node_uuid: node.uuid }
    expect(outcome(await inv.send('POST', below, { version, body }))).toEqual([
      400,
      'Malformed request URI.',
    ])
  })
})

describe('changing a port', () => {
  const replace = (path: string, value: unknown) => [{ op: 'replace', path, value }]

  it('stores it and says when; an empty patch changes nothing', async () => {
    const uuid = await newPort()
    expect((await patch(uuid, [])).body?.['updated_at']).toBeNull()
    const changed = await patch(uuid, replace('/extra', { a: 1 }))
    expect(changed.body).toMatchObject({ extra: { a: 1 } })
    expect(changed.body?.['updated_at']).not.toBeNull()
  })

  it.each<[string, unknown, number, string]>([
    ['what is not patchable', replace('/uuid', unknown), 400, 'Cannot patch /uuid. Only the following can be updated: address, extra, is_smartnic, local_link_connection, node_ident, node_uuid, physical_network, portgroup_uuid, pxe_enabled, name, description, vendor, category, available_for_dynamic_portgroup'],
    ['the name of its node', replace('/node_ident', 'n1'), 400, "Couldn't apply patch '{'op': 'replace', 'path': '/node_ident', 'value': 'n1'}'. Reason: can't replace a non-existent object 'node_ident'"],
    ['its address away', [{ op: 'remove', path: '/address' }], 400, "Schema error for patch: 'address' is a required property"],
    ['whether it boots away', [{ op: 'remove', path: '/pxe_enabled' }], 400, "Field `pxe_enabled' cannot be None"],
    ['its node to none', replace('/node_uuid', unknown), 400, `Unable to apply the requested node_uuid '${unknown}'. Requested value was invalid.`],
    ['its group to none', replace('/portgroup_uuid', unknown), 400, `Portgroup ${unknown} could not be found.`],
    ['its network to nothing', replace('/physical_network', ''), 400, 'A non-empty value is required when setting physical_network'],
  ])('refuses to change %s', async (_what, body, status, fault) => {
    const uuid = await newPort()
    expect(outcome(await patch(uuid, body))).toEqual([status, fault])
    expect((await get(`/v1/ports/${uuid}`)).body?.['updated_at']).toBeNull()
  }) // prettier-ignore

  it('sets removed attributes back to the defaults of the model', async () => {
    const uuid = await newPort({
      name: 'p',
      vendor: 'v',
      extra: { a: 1 },
      available_for_dynamic_portgroup: false,
    })
    const paths = ['/name', '/vendor', '/extra', '/available_for_dynamic_portgroup']
    const { body } = await patch(uuid, paths.map((path) => ({ op: 'remove', path }))) // prettier-ignore
    expect(body).toMatchObject({
      name: null,
      vendor: null,
      extra: {},
      available_for_dynamic_portgroup: true,
    })
  })

  it('applies the rules of physical networks to the first item of a patch only', async () => {
    const group = await newGroup({ physicalNetwork: 'net1' })
    const uuid = await newPort()
    const join = [...replace('/physical_network', 'net1'), ...replace('/portgroup_uuid', group)]
    expect((await patch(uuid, join, '1.101')).status).toBe(200)
    const later = [...replace('/extra', { a: 1 }), ...replace('/physical_network', 'net1')]
    expect((await patch(uuid, later)).status).toBe(200)
  })

  it.each([
    ['/pxe_enabled', false, '1.18'],
    ['/physical_network', 'net', '1.33'],
    ['/portgroup_uuid', null, '1.23'],
    ['/is_smartnic', true, '1.52'],
    ['/local_link_connection/network_type', 'unmanaged', '1.63'],
  ])('refuses %s before its version', async (path, value, v) => {
    const uuid = await newPort()
    expect(outcome(await patch(uuid, [{ op: 'add', path, value }], v))).toEqual([
      406,
      'Request not acceptable.',
    ])
  })

  it('keeps the wiring of a node in use', async () => {
    const uuid = await newPort()
    await inv.setNode(node.id, { provisionState: 'active' })
    expect(outcome(await patch(uuid, replace('/address', '52:54:00:00:00:09')))).toEqual([
      409,
      `Cannot update hardware address for port ${uuid} as node ${node.uuid} is active or has instance UUID assigned`,
    ])
    expect((await patch(uuid, replace('/pxe_enabled', false))).fault).toMatch(
      /can not have any connectivity attributes .* The current state is active\.$/,
    )
    await inv.setNode(node.id, { maintenance: true })
    expect((await patch(uuid, replace('/pxe_enabled', false))).status).toBe(200)
  })

  it('waits for nobody while the node is inspected or locked', async () => {
    const uuid = await newPort()
    await inv.setNode(node.id, { provisionState: 'inspecting' })
    expect(outcome(await patch(uuid, replace('/extra', {}), '1.39'))).toEqual([
      409,
      `Cannot update port "${uuid}" on "${node.uuid}" while it is in state "inspecting".`,
    ])
    expect((await patch(uuid, replace('/extra', { a: 1 }), '1.38')).status).toBe(200)
    await inv.setNode(node.id, { provisionState: 'enroll', reservation: 'elsewhere' })
    const locked = await patch(uuid, replace('/extra', { b: 1 }))
    expect(locked.status).toBe(409)
    expect(locked.fault).toContain('is locked by host elsewhere')
  })

  it('holds the members of a group to one physical network', async () => {
    const group = await newGroup({ physicalNetwork: 'net1' })
    const uuid = await newPort()
    expect(outcome(await patch(uuid, replace('/portgroup_uuid', group)))).toEqual([
      409,
      `Port with physical network None cannot become a member of port group ${group} which has ports in physical network net1.`,
    ])
    const both = [...replace('/physical_network', 'net1'), ...replace('/portgroup_uuid', group)]
    expect((await patch(uuid, both, '1.101')).status).toBe(200)
    expect((await patch(uuid, replace('/physical_network', 'net2'))).fault).toBe(
      'physical_network cannot be changed while the port belongs to a portgroup.',
    )
  })
})
