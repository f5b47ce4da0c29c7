import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { allocations, chassis, nodes, nodeTraits, ports } from '../../src/db/schema/index.js'
import { answer, openBench, type Bench } from './_node-bench.js'

let bench: Bench
const version = '1.115'
const uuid = '11111111-2222-4333-8444-555555555555'
const body = { driver: 'fake-hardware' }

beforeAll(async () => {
  bench = await openBench()
}, 30_000)
afterAll(() => bench[Symbol.asyncDispose]())
afterEach(async () => {
  await bench.ctx.db.orm.delete(nodes)
  await bench.ctx.db.orm.delete(allocations)
})

const post = (more: object, v = version) =>
  bench.send('POST', '/v1/nodes', { version: v, body: { ...body, ...more } })
const get = (path: string, v = version) => bench.send('GET', path, { version: v })

describe('creating a node', () => {
  it('answers the node at its place, with the interfaces of its driver', async () => {
    const made = await post({ uuid, name: 'n1', extra: { k: 'v' } })
    expect(made.status).toBe(201)
    expect(made.headers.get('location')).toBe(`http://ferric.test/v1/nodes/${uuid}`)
    expect(made.body).toMatchObject({
      uuid,
      name: 'n1',
      updated_at: null,
      provision_state: 'enroll',
      power_state: null,
      power_interface: 'fake',
      network_interface: 'noop',
      extra: { k: 'v' },
      driver_info: {},
      traits: [],
      conductor: bench.ctx.host,
      allocation_uuid: null,
      chassis_uuid: null,
      maintenance: false,
    })
    expect((await get(`/v1/nodes/n1`)).body).toEqual(made.body)
  })

  it('shows the fields of the version in their order', async () => {
    const made = await post({}, '1.1')
    expect(Object.keys(made.body ?? {}).join(' ')).toBe(
      'uuid created_at updated_at console_enabled driver driver_info extra instance_info ' +
        'instance_uuid last_error maintenance maintenance_reason power_state properties ' +
        'provision_state provision_updated_at reservation target_power_state ' +
        'target_provision_state links chassis_uuid ports',
    )
    expect(made.body?.['provision_state']).toBeNull()
    expect((await get(`/v1/nodes/${made.body?.['uuid'] as string}`, '1.10')).body).toMatchObject({
      provision_state: 'available',
    })
  })

  it.each([
    [{ driver: undefined }, 400, "Schema error for node: 'driver' is a required property"],
    [
      { foo: 1, name: [] },
      400,
      "Schema error for node: Additional properties are not allowed ('foo' was unexpected)",
    ],
    [
      { maintenance: 'maybe' },
      400,
      "Invalid maintenance: Unrecognized value 'maybe', acceptable values are: '0', '1', 'f', 'false', 'n', 'no', 'off', 'on', 't', 'true', 'y', 'yes'",
    ],
    [{ chassis_uuid: 'x' }, 400, 'Expected UUID for chassis_uuid: x'],
    [{ chassis_uuid: uuid }, 400, `Chassis ${uuid} could not be found.`],
    [{ name: 'a b' }, 400, "Cannot create node with invalid name 'a b'"],
    [{ name: uuid }, 400, `Cannot create node with invalid name '${uuid}'`],
    [
      { name: 'states' },
      400,
      'The word "states" is reserved and can not be used as a node name. Reserved words are: maintenance, management, states, vendor_passthru, detail, validate.',
    ],
    [
      { owner: 'someone' },
      400,
      'Cannot create a node as a project scoped admin with an owner other than your own project.',
    ],
    [
      { parent_node: 'x' },
      400,
      "Unable to apply the requested parent_node 'x'. Requested value was invalid.",
    ],
    [
      { driver: 'nope' },
      400,
      'No valid host was found. Reason: No conductor service registered which supports driver nope for conductor group "". Ensure the driver is valid and enabled.',
    ],
    [
      { power_interface: 'ilo' },
      400,
      "Could not find the following interface in the 'ironic.hardware.interfaces.power' entrypoint: ilo. Valid interfaces are ['agent', 'fake', 'ipmitool', 'redfish'].",
    ],
    [
      { uuid, properties: { memory_mb: 'x', local_gb: -1 } },
      400,
      `The following properties for node ${uuid} should be non-negative integers, but provided values are: local_gb=-1, memory_mb=x`,
    ],
    [{ maintenance: null }, 400, "Field `maintenance' cannot be None"],
  ])('refuses %j', async (more, status, text) => {
    expect(answer(await post(more))).toEqual([status, text])
    expect(await bench.ctx.db.orm.select().from(nodes)).toEqual([])
  })

  it.each([
    ['1.4', { name: 'x' }, 406],
    ['1.5', { name: 'x' }, 201],
    ['1.9', { name: 'with_underscore' }, 400],
    ['1.10', { name: 'with_underscore' }, 201],
    ['1.4', { name: null }, 201],
    ['1.45', { conductor_group: '' }, 201],
    ['1.45', { conductor_group: 'g' }, 406],
    ['1.94', { disable_power_off: false }, 406],
    ['1.94', { disable_power_off: null }, 201],
  ])('at %s with %j: %i', async (v, more, status) => {
    expect((await post(more, v)).status).toBe(status)
  })

  it.each([
    [{ uuid }, { uuid }, `A node with UUID ${uuid} already exists.`],
    [{ name: 'n1' }, { name: 'n1' }, 'A node with name n1 already exists.'],
    [
      { instance_uuid: uuid },
      { instance_uuid: uuid, uuid },
      `Instance ${uuid} is already associated with a node, it cannot be associated with this other node ${uuid}`,
    ],
  ])('refuses a second one with %j', async (first, second, text) => {
    await post(first)
    expect(answer(await post(second))).toEqual([409, text])
  })

  it('takes a chassis and a parent, and words for true', async () => {
    const db = bench.ctx.db.orm
    await db.insert(chassis).values({ uuid })
    await post({ uuid, name: 'parent' })
    const made = await post({ chassis_uuid: uuid, parent_node: 'parent', maintenance: 'On' })
    expect(made.body).toMatchObject({ chassis_uuid: uuid, parent_node: uuid, maintenance: true })
    await db.delete(nodes)
    await db.delete(chassis)
  })
})

describe('reading a node', () => {
  it('shows the fields asked for, in the order of the whole, with links', async () => {
    await post({ name: 'n1' })
    const { body: json } = await get('/v1/nodes/n1?fields=traits,name,conductor')
    expect(Object.keys(json ?? {})).toEqual(['name', 'traits', 'links', 'conductor'])
    expect(Object.keys((await get('/v1/nodes/n1/name')).body ?? {})).toEqual(['name', 'links'])
    expect(Object.keys((await get('/v1/nodes/n1?fields=')).body ?? {})).toEqual(['links'])
  })

  it.each([
    ['/v1/nodes/n1?fields=ports', version, 400, 'Field ports is not a valid field.'],
    ['/v1/nodes/n1?fields=uuid', '1.7', 406, 'Request not acceptable.'],
    ['/v1/nodes/n1?fields=traits', '1.36', 406, 'Request not acceptable.'],
    ['/v1/nodes/nope', version, 404, 'Node nope could not be found.'],
    ['/v1/nodes/n1', '1.4', 404, 'Node n1 could not be found.'],
    ['/v1/nodes/UP', '1.9', 400, 'Expected a logical name or UUID but received UP.'],
    ['/v1/nodes/n1?foo=1', version, 400, 'Unexpected arguments: foo'],
    ['/v1/nodes/a!b', version, 400, 'Expected UUID or name for node: a!b'],
  ])('%s at %s: %i', async (path, v, status, text) => {
    await post({ name: 'n1' })
    expect(answer(await get(path, v))).toEqual([status, text])
  })

  it('looks again for a name that lost its .json', async () => {
    await post({ name: 'a' })
    await post({ name: 'b.json' })
    for (const [name, v, status] of [
      ['a.json', '1.90', 200],
      ['b.json', '1.90', 200],
      ['b', '1.90', 404],
      ['a.json', '1.91', 404],
      ['b.json', '1.91', 200],
    ] as const) {
      expect([name, v, (await get(`/v1/nodes/${name}`, v)).status]).toEqual([name, v, status])
    }
  })

  it('shows times with six digits of a second, or none', async () => {
    const times = { a: '2026-01-02T03:04:05.120Z', b: '2026-01-02T03:04:05.000Z' }
    const node = await bench.add({
      inspectionStartedAt: new Date(times.a),
      inspectionFinishedAt: new Date(times.b),
    })
    expect((await get(`/v1/nodes/${node.uuid}`)).body).toMatchObject({
      inspection_started_at: '2026-01-02T03:04:05.120000+00:00',
      inspection_finished_at: '2026-01-02T03:04:05+00:00',
    })
  })

  it('calls states as the version does, and hides secrets', async () => {
    const node = await bench.add({
      provisionState: 'inspect wait',
      driverInfo: { ipmi_password: 'p', user: 'u', snmp_auth_key: 'k', a: { token: 1 } },
      instanceInfo: { configdrive: { x: 1 }, image_url: 'http://x', image_source: 's' },
      driverInternalInfo: { agent_secret_token: 't', agent_url: 'u' },
    })
    await bench.ctx.db.orm.insert(nodeTraits).values([
      { nodeId: node.id, trait: 'CUSTOM_B' },
      { nodeId: node.id, trait: 'CUSTOM_A' },
    ])
    expect((await get(`/v1/nodes/${node.uuid}`)).body).toMatchObject({
      provision_state: 'inspect wait',
      driver_info: {
        ipmi_password: '******',
        user: 'u',
        snmp_auth_key: '******',
        a: { token: '******' },
      },
      instance_info: { configdrive: '******', image_url: '******', image_source: 's' },
      driver_internal_info: { agent_secret_token: '******', agent_url: 'u' },
      traits: ['CUSTOM_A', 'CUSTOM_B'],
    })
    const older = await get(`/v1/nodes/${node.uuid}`, '1.38')
    expect(older.body?.['provision_state']).toBe('inspecting')
  })
})

describe('deleting a node', () => {
  it('takes what belongs to it along and leaves no lock', async () => {
    const { ctx } = bench
    const node = await bench.add({ name: 'n1', provisionState: 'available' })
    await ctx.db.orm.insert(ports).values({ uuid, nodeId: node.id })
    await ctx.db.orm.insert(allocations).values({ uuid, nodeId: node.id, state: 'active' })
    expect((await bench.send('DELETE', '/v1/nodes/n1', { version })).status).toBe(204)
    expect(await ctx.db.orm.select().from(nodes)).toEqual([])
    expect(await ctx.db.orm.select().from(ports)).toEqual([])
    expect(await ctx.db.orm.select().from(allocations)).toEqual([])
  })

  const states = `Valid provision states to perform deletion are: "('manageable', 'enroll', 'adopt failed', 'available')", or set the node into maintenance mode`
  it.each([
    [
      { instanceUuid: uuid },
      409,
      (id: string) => `Node ${id} is associated with instance ${uuid}.`,
    ],
    [
      { protected: true, maintenance: true },
      403,
      (id: string) => `Node ${id} is protected and cannot be undeployed, rebuilt or deleted`,
    ],
    [
      { provisionState: 'active' },
      409,
      (id: string) =>
        `Can not delete node "${id}" while it is in provision state "active". ${states}`,
    ],
  ])('is refused for %j', async (values, status, text) => {
    const node = await bench.add(values)
    const reply = await bench.send('DELETE', `/v1/nodes/${node.uuid}`, { version })
    expect(answer(reply)).toEqual([status, text(node.uuid)])
    expect((await bench.read(node)).reservation).toBeNull()
  })

  it('of an active one in maintenance goes through', async () => {
    const node = await bench.add({
      provisionState: 'active',
      instanceUuid: uuid,
      maintenance: true,
    })
    expect((await bench.send('DELETE', `/v1/nodes/${node.uuid}`, { version })).status).toBe(204)
  })

  it('stops a console first', async () => {
    const node = await bench.add({ consoleEnabled: true })
    expect((await bench.send('DELETE', `/v1/nodes/${node.uuid}`, { version })).status).toBe(204)
  })
})
