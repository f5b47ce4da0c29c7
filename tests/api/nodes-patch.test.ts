import { eq } from 'drizzle-orm'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { allocations, chassis, nodes, reservations } from '../../src/db/schema/index.js'
import type { NodeRow } from '../../src/db/rows.js'
import { answer, openBench, type Bench } from './_node-bench.js'

let bench: Bench
const version = '1.115'
const uuid = '11111111-2222-4333-8444-555555555555'
const other = '22222222-2222-4333-8444-555555555555'

beforeAll(async () => {
  bench = await openBench({ conductor: { node_locked_retry_attempts: 1 } })
}, 30_000)
afterAll(() => bench[Symbol.asyncDispose]())
afterEach(async () => {
  await bench.ctx.db.orm.delete(nodes)
  await bench.ctx.db.orm.delete(allocations)
})

type Op = { op: string; path: string; value?: unknown }
const patch = (node: NodeRow | string, body: Op[] | object, v = version, query = '') =>
  bench.send('PATCH', `/v1/nodes/${typeof node === 'string' ? node : node.uuid}${query}`, {
    version: v,
    body,
  })
const set = (path: string, value: unknown): Op => ({ op: 'replace', path, value })
const states = 'enroll, inspecting, inspect wait, manageable, available'

describe('a patch of a node', () => {
  it('changes what it names, shows the lock it was made under and gives it back', async () => {
    const node = await bench.add({ name: 'n1', extra: { a: 1 } })
    const reply = await patch('n1', [
      set('/name', 'n2'),
      { op: 'add', path: '/extra/b', value: [1] },
      { op: 'add', path: '/extra/b/-', value: 2 },
      { op: 'remove', path: '/extra/a' },
      set('/maintenance', 'true'),
      set('/conductor_group', ''),
      set('/resource_class', 'rc'),
    ])
    expect(reply.body).toMatchObject({
      name: 'n2',
      extra: { b: [1, 2] },
      maintenance: true,
      resource_class: 'rc',
      reservation: bench.ctx.host,
    })
    const row = await bench.read(node)
    expect(row).toMatchObject({ name: 'n2', extra: { b: [1, 2] }, reservation: null })
    expect(row.updatedAt).not.toBeNull()
    expect(await bench.ctx.db.orm.select().from(reservations)).toEqual([])
  })

  it('that is empty touches the node and changes nothing', async () => {
    const node = await bench.add()
    expect((await patch(node, [])).status).toBe(200)
    const { updatedAt, ...rest } = await bench.read(node)
    expect(updatedAt).not.toBeNull()
    expect({ ...rest, updatedAt: node.updatedAt }).toEqual(node)
  })

  it('sets fields back to their defaults', async () => {
    const node = await bench.add({ extra: { a: 1 }, description: 'd', automatedClean: true })
    const paths = ['/extra', '/description', '/automated_clean', '/power_interface']
    const reply = await patch(
      node,
      paths.map((path) => ({ op: 'remove', path })),
    )
    expect(reply.body).toMatchObject({
      extra: {},
      description: null,
      automated_clean: null,
      power_interface: 'fake',
    })
  })

  it.each([
    [
      [set('/uuid', uuid)],
      400,
      /^Cannot patch \/uuid\. Only the following can be updated: automated_clean, .*, parent_node, firmware_interface$/,
    ],
    [{}, 400, "Schema error for patch: {} is not of type 'array'"],
    [
      [{ op: 'test', path: '/name' }],
      400,
      "Schema error for patch: 'test' is not one of ['add', 'replace', 'remove']",
    ],
    [[set('/extra', 'x')], 400, "Schema error for patch: 'x' is not of type 'object', 'null'"],
    [
      [set('/extra/zz', 2)],
      400,
      "Couldn't apply patch '{'op': 'replace', 'path': '/extra/zz', 'value': 2}'. Reason: can't replace a non-existent object 'zz'",
    ],
    [
      [{ op: 'add', path: '/driver/sub', value: 1 }],
      400,
      "Couldn't apply patch '{'op': 'add', 'path': '/driver/sub', 'value': 1}'. Reason: 'sub' is not a valid sequence index",
    ],
    [
      [{ op: 'remove', path: '/driver' }],
      400,
      "Schema error for patch: None is not of type 'string'",
    ],
    [[{ op: 'remove', path: '/maintenance' }], 400, "Field `maintenance' cannot be None"],
    [
      [set('/description', 'x'.repeat(4097))],
      400,
      'Cannot update node with description exceeding 4096 characters',
    ],
    [[set('/network_data', {})], 400, "Invalid network_data: 'links' is a required property "],
    [[set('/name', 'a b')], 400, "Node n1: Cannot change name to invalid name 'a b'"],
    [[set('/chassis_uuid', uuid)], 400, `Chassis ${uuid} could not be found.`],
    [
      [set('/parent_node', null)],
      400,
      "Unable to apply the requested parent_node 'None'. Requested value was invalid.",
    ],
    [[set('/instance_uuid', 'x')], 400, 'Expected UUID for instance_uuid: x'],
    [
      [set('/protected_reason', 'x')],
      400,
      'The protected_reason field can only be set when protected is True',
    ],
    [
      [set('/retired_reason', 'x')],
      400,
      'The retired_reason field can only be set when retired is True',
    ],
    [[set('/driver', 'nope')], 400, /^No valid host was found\. Reason: .* supports driver nope /],
    [
      [set('/properties', { memory_mb: 'x' })],
      400,
      /should be non-negative integers, but provided values are: memory_mb=x$/,
    ],
  ])('%j is refused', async (body, status, text) => {
    const node = await bench.add({ name: 'n1' })
    const reply = await patch('n1', body)
    expect(reply.status).toBe(status)
    expect(reply.fault).toMatch(text)
    expect(await bench.read(node)).toMatchObject({ name: 'n1', reservation: null })
  })

  it('that is bad is refused for a node that does not exist too', async () => {
    expect((await patch('nope', [set('/uuid', uuid)])).status).toBe(400)
    expect(answer(await patch('nope', []))).toEqual([404, 'Node nope could not be found.'])
  })

  it.each([
    ['1.49', set('/owner', 'x'), 406],
    ['1.49', { op: 'remove', path: '/owner' }, 200],
    ['1.82', set('/parent_node', null), 406],
    ['1.45', set('/conductor_group', ''), 406],
    ['1.24', { op: 'remove', path: '/chassis_uuid' }, 406],
    ['1.25', { op: 'remove', path: '/chassis_uuid' }, 200],
  ])('at %s with %j: %i', async (v, op, status) => {
    const db = bench.ctx.db.orm
    const [box] = await db.insert(chassis).values({ uuid }).returning()
    const node = await bench.add({ chassisId: box?.id ?? null })
    expect((await patch(node, [op], v)).status).toBe(status)
    await db.delete(nodes)
    await db.delete(chassis)
  })

  it.each([
    [
      'protected',
      { provisionState: 'enroll' },
      set('/protected', true),
      "Node ID can only be made protected in provision states 'active' or 'rescue', the current state is 'enroll'",
    ],
    [
      'retired',
      { provisionState: 'available' },
      set('/retired', true),
      "Node ID can not have 'retired' set in provision state 'available', the current state is 'available'",
    ],
    [
      'an interface',
      { provisionState: 'active' },
      set('/bios_interface', 'no-bios'),
      `Node ID can not have bios_interface updated unless it is in one of allowed (${states}) states or in maintenance mode. Current state is 'active'.`,
    ],
    [
      'the resource class',
      { provisionState: 'active', resourceClass: 'a', maintenance: true },
      set('/resource_class', 'b'),
      `Node ID can not have resource_class updated unless it is in one of allowed (${states}) states. Current state is 'active'.`,
    ],
    [
      'the instance',
      { instanceUuid: uuid },
      set('/instance_uuid', other),
      `Node ID is associated with instance ${uuid}.`,
    ],
    [
      'anything in transition',
      { provisionState: 'deploying', targetProvisionState: 'active' },
      set('/extra', {}),
      'Node ID can not be updated while a state transition is in progress.',
    ],
    [
      'anything inspecting',
      { provisionState: 'inspecting', targetProvisionState: 'manageable' },
      set('/extra', {}),
      'Cannot update node "ID" while it is in state "inspecting".',
    ],
    [
      'the driver with a console',
      { consoleEnabled: true },
      set('/driver', 'manual-management'),
      'Node ID can not update the driver while the console is enabled. Please stop the console first.',
    ],
  ])('cannot change %s now', async (_what, values, op, text) => {
    const node = await bench.add(values)
    const reply = await patch(node, [op])
    expect(reply.fault).toBe(text.replace('ID', node.uuid))
    expect(reply.status).toBe(409)
    expect((await bench.read(node)).reservation).toBeNull()
  })

  it('of a node in transition may still free its instance in maintenance', async () => {
    const values = {
      provisionState: 'deploying',
      targetProvisionState: 'active',
      maintenance: true,
    }
    const node = await bench.add({ ...values, instanceUuid: uuid })
    expect((await patch(node, [{ op: 'remove', path: '/instance_uuid' }])).status).toBe(200)
  })

  it('that frees the instance of an allocation removes the allocation', async () => {
    const db = bench.ctx.db.orm
    const [made] = await db.insert(allocations).values({ uuid, state: 'active' }).returning()
    const node = await bench.add({ instanceUuid: uuid, allocationId: made?.id ?? null })
    await db.update(allocations).set({ nodeId: node.id })
    expect((await patch(node, [set('/instance_uuid', null)])).status).toBe(200)
    expect(await db.select().from(allocations)).toEqual([])
    expect(await bench.read(node)).toMatchObject({ allocationId: null, instanceUuid: null })
  })

  it('that ends maintenance, protection or retirement clears the reasons', async () => {
    const node = await bench.add({
      provisionState: 'active',
      maintenance: true,
      maintenanceReason: 'm',
      fault: 'power failure',
      protected: true,
      protectedReason: 'p',
      retired: true,
      retiredReason: 'r',
    })
    await patch(
      node,
      ['/maintenance', '/protected', '/retired'].map((path) => set(path, false)),
    )
    expect(await bench.read(node)).toMatchObject({
      maintenanceReason: null,
      fault: null,
      protectedReason: null,
      retiredReason: null,
    })
  })

  it('takes the instance name from display_name where there is none', async () => {
    const node = await bench.add()
    const named = await patch(node, [set('/instance_info', { display_name: 'vm' })])
    expect(named.body?.['instance_name']).toBe('vm')
    const kept = await patch(node, [set('/instance_info', { display_name: 'vm2' })])
    expect(kept.body?.['instance_name']).toBe('vm')
  })

  it('waits for the lock and answers 409 when it stays taken', async () => {
    const node = await bench.add({ reservation: 'elsewhere' })
    expect(answer(await patch(node, [set('/extra', { a: 1 })]))).toEqual([
      409,
      `Node ${node.uuid} is locked by host elsewhere, please retry after the current operation is completed.`,
    ])
  })

  it('resets interfaces only with a new driver', async () => {
    const node = await bench.add()
    const reset = '?reset_interfaces=true'
    expect(answer(await patch(node, [], version, reset))).toEqual([
      400,
      "The reset_interfaces parameter can only be used when changing the node's driver.",
    ])
    expect((await patch(node, [], '1.44', reset)).status).toBe(406)
    const [row] = await bench.ctx.db.orm.select().from(nodes).where(eq(nodes.id, node.id))
    expect(row?.driver).toBe('fake-hardware')
  })
})
