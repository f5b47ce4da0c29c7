import { randomUUID } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  allocateWork,
  createAllocation,
  destroyAllocation,
  type NewAllocation,
} from '../../src/conductor/allocations/allocate.js'
import type { AllocationRow, NodeInsert } from '../../src/db/rows.js'
import { allocations, nodes, nodeTraits } from '../../src/db/schema/index.js'
import type { Database } from '../../src/db/types.js'
import { testDatabase } from '../_util/database.js'
import { addNode, registerHost, someone, testBed, type Bed } from './_harness.js'

let db: Database
let ctx: Bed

beforeAll(async () => {
  db = await testDatabase()
  ctx = await testBed(db)
  await registerHost(ctx)
}, 30_000)
afterAll(() => db.close())
beforeEach(async () => {
  await db.orm.delete(nodes)
  await db.orm.delete(allocations)
})

const ready: Partial<NodeInsert> = {
  provisionState: 'available',
  powerState: 'power off',
  resourceClass: 'rc',
}
const wish = (values: Partial<NewAllocation> = {}): NewAllocation => ({
  uuid: randomUUID(),
  name: null,
  owner: null,
  resourceClass: 'rc',
  traits: [],
  candidateNodes: [],
  extra: {},
  ...values,
})

async function allocate(values: Partial<NewAllocation> = {}): Promise<AllocationRow> {
  const made = await createAllocation(ctx, someone, wish(values), null)
  expect(made.state).toBe('allocating')
  await allocateWork.run(ctx, someone, { allocation: made.id })
  return await stored(made.id)
}

async function stored(id: number): Promise<AllocationRow> {
  const [row] = await db.orm.select().from(allocations).where(eq(allocations.id, id))
  return row!
}

const nodeRow = async (id: number) =>
  (await db.orm.select().from(nodes).where(eq(nodes.id, id)))[0]!

describe('an allocation', () => {
  it('gets a free node of its class, which then belongs to it', async () => {
    const node = await addNode(ctx, { ...ready, instanceInfo: { a: 1 } })
    await db.orm.insert(nodeTraits).values({ nodeId: node.id, trait: 'CUSTOM_A', version: '1' })
    const row = await allocate({ traits: ['CUSTOM_A'] })
    expect(row).toMatchObject({ state: 'active', nodeId: node.id, lastError: null })
    expect(await nodeRow(node.id)).toMatchObject({
      allocationId: row.id,
      instanceUuid: row.uuid,
      instanceInfo: { a: 1, traits: ['CUSTOM_A'] },
      reservation: null,
    })
  })

  it.each<[string, Partial<NodeInsert>]>([
    ['of another class', { resourceClass: 'other' }],
    ['in maintenance', { maintenance: true }],
    ['with an instance', { instanceUuid: randomUUID() }],
    ['of unknown power state', { powerState: null }],
    ['that is not available', { provisionState: 'manageable' }],
    ['that is a child', { parentNode: randomUUID() }],
  ])('does not get a node %s', async (_what, values) => {
    await addNode(ctx, { ...ready, ...values })
    const row = await allocate()
    expect(row).toMatchObject({
      state: 'error',
      nodeId: null,
      lastError: `Failed to process allocation ${row.uuid}: no available nodes match the resource class rc.`,
    })
  })

  it('says which traits nobody has', async () => {
    await addNode(ctx, ready)
    const row = await allocate({ traits: ['CUSTOM_A'] })
    expect(row.lastError).toMatch(/no suitable nodes have the requested traits CUSTOM_A\.$/)
  })

  it('prefers the node of its name, among the candidates', async () => {
    const made = await Promise.all(
      ['a', 'b', 'c', 'd'].map((name) => addNode(ctx, { ...ready, name })),
    )
    const row = await allocate({ name: 'c', candidateNodes: made.slice(1).map((n) => n.uuid) })
    expect(row.nodeId).toBe(made[2]!.id)
  })

  it('takes only nodes its owner owns or leases', async () => {
    await addNode(ctx, ready)
    const leased = await addNode(ctx, { ...ready, lessee: 'me' })
    expect(await allocate({ owner: 'me' })).toMatchObject({ nodeId: leased.id })
  })

  it('tries locked nodes as often as configured', async () => {
    await addNode(ctx, { ...ready, reservation: 'somebody' })
    const row = await allocate()
    expect(row.lastError).toMatch(/could not reserve any of 1 suitable nodes\.$/)
  })

  it('is not given to two at once', async () => {
    const ids = await Promise.all([0, 1, 2].map(() => addNode(ctx, ready)))
    const rows = await Promise.all(Array.from({ length: 5 }, () => allocate()))
    const given = rows.filter((r) => r.state === 'active').map((r) => r.nodeId)
    expect(new Set(given)).toEqual(new Set(ids.map((n) => n.id)))
    expect(given).toHaveLength(3)
  })
})

describe('an allocation made for a node in use', () => {
  it('is active at once', async () => {
    const node = await addNode(ctx, { provisionState: 'active', resourceClass: 'rc' })
    const row = await createAllocation(ctx, someone, wish(), node.id)
    expect(row).toMatchObject({ state: 'active', nodeId: node.id })
  })

  it('is refused when the node does not fit, and says why', async () => {
    const node = await addNode(ctx, { ...ready, resourceClass: 'x' })
    const values = wish()
    await expect(createAllocation(ctx, someone, values, node.id)).rejects.toThrow(
      `Failed to process allocation ${values.uuid}: Cannot backfill an allocation for node ${node.uuid}: Node must be in the "active" state, but the current state is "available"; Resource class x does not match the requested resource class rc.`,
    )
    const [row] = await db.orm.select().from(allocations)
    expect(row).toMatchObject({ state: 'error', nodeId: null })
  })

  it('is refused when the node has another instance', async () => {
    const instance = randomUUID()
    const node = await addNode(ctx, {
      provisionState: 'active',
      resourceClass: 'rc',
      instanceUuid: instance,
    })
    await expect(createAllocation(ctx, someone, wish(), node.id)).rejects.toThrow(
      `Node ${node.uuid} is associated with instance ${instance}.`,
    )
  })
})

describe('deleting an allocation', () => {
  const active = async (values: Partial<NodeInsert>) => {
    const node = await addNode(ctx, { provisionState: 'active', resourceClass: 'rc' })
    const row = await createAllocation(ctx, someone, wish(), node.id)
    await db.orm.update(nodes).set(values).where(eq(nodes.id, node.id))
    return { node, row }
  }

  it('frees its node', async () => {
    const { node, row } = await active({ provisionState: 'available' })
    await destroyAllocation(ctx, someone, row)
    expect(await nodeRow(node.id)).toMatchObject({ allocationId: null, instanceUuid: null })
    expect(await db.orm.select().from(allocations)).toEqual([])
  })

  it.each<[Partial<NodeInsert>, string]>([
    [{ provisionState: 'active' }, 'because the node is active (and maintenance mode is off)'],
    [
      { provisionState: 'deploying', targetProvisionState: 'active' },
      'because the node is in state deploying where updates are not allowed (and maintenance mode is off)',
    ],
    [{ reservation: 'h' }, 'is locked by host h'],
  ])('is refused on a node that is %j', async (values, text) => {
    const { row } = await active(values)
    await expect(destroyAllocation(ctx, someone, row)).rejects.toThrow(text)
  })

  it('is allowed in maintenance', async () => {
    const { row } = await active({ maintenance: true })
    await destroyAllocation(ctx, someone, row)
    expect(await db.orm.select().from(allocations)).toEqual([])
  })
})
