import { randomUUID } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { recover } from '../../src/conductor/cluster/recovery.js'
import { registerConductor } from '../../src/conductor/cluster/registration.js'
import { acquire } from '../../src/conductor/lock/reservation.js'
import { transientStates } from '../../src/conductor/state/states.js'
import { deploy } from '../../src/conductor/verbs/deploy.js'
import * as schema from '../../src/db/schema/index.js'
import type { Database } from '../../src/db/types.js'
import type { DriverRegistry } from '../../src/drivers/registry.js'
import { testDatabase } from '../_util/database.js'
import {
  addNode,
  allFake,
  drain,
  fakeDrivers,
  nodeOf,
  noSignal,
  someone,
  testBed,
  type Bed,
} from './_harness.js'

let db: Database
let drivers: DriverRegistry
let ctx: Bed

beforeAll(async () => {
  db = await testDatabase()
  drivers = await fakeDrivers()
})
afterAll(async () => db.close())
beforeEach(async () => {
  await db.orm.delete(schema.nodes)
  await db.orm.delete(schema.tasks)
  await db.orm.delete(schema.processes)
  ctx = await testBed(db, { drivers })
  await registerConductor(ctx)
})

const processGone = (id: string) =>
  db.orm.delete(schema.processes).where(eq(schema.processes.id, id))

describe('recovery', () => {
  it('sends a message again that was lost, once it counts as lost', async () => {
    const node = await addNode(ctx, { ...allFake, provisionState: 'available' })
    ctx.queue.lossy = true
    await deploy(ctx, someone, node.uuid, {})
    ctx.queue.lossy = false
    await recover(ctx, noSignal)
    expect(ctx.queue.messages).toEqual([])
    ctx.clock.advance(20_000)
    await recover(ctx, noSignal)
    await drain(ctx)
    expect(await nodeOf(ctx, node.id)).toMatchObject({
      provisionState: 'active',
      reservation: null,
    })
  })

  it('takes over the task of a process that is silent, and not that of one that lives', async () => {
    const node = await addNode(ctx, { ...allFake, provisionState: 'available' })
    await deploy(ctx, someone, node.uuid, {})
    ctx.queue.messages.length = 0
    const other = randomUUID()
    const at = ctx.clock.now()
    const row = { id: other, host: 'other', roles: 'conductor', startedAt: at, heartbeatAt: at }
    await db.orm.insert(schema.processes).values(row)
    await db.orm.update(schema.tasks).set({ state: 'running', processId: other, attempts: 1 })
    ctx.clock.advance(30_000)
    await recover(ctx, noSignal)
    expect(ctx.queue.messages).toEqual([])
    ctx.clock.advance(31_000)
    await db.orm
      .update(schema.processes)
      .set({ heartbeatAt: ctx.clock.now() })
      .where(eq(schema.processes.id, ctx.processId))
    await recover(ctx, noSignal)
    await drain(ctx)
    expect(await nodeOf(ctx, node.id)).toMatchObject({
      provisionState: 'active',
      reservation: null,
    })
  })

  it('frees the reservation of a request whose process died, and of nobody', async () => {
    const dead = { ...ctx, processId: randomUUID() }
    const node = await addNode(ctx, { ...allFake, provisionState: 'available' })
    await acquire(dead, node.id, { purpose: 'a request', signal: noSignal })
    const foreign = await addNode(ctx, { ...allFake, reservation: 'somebody' })
    const mine = await addNode(ctx, { ...allFake, provisionState: 'available' })
    await acquire(ctx, mine.id, { purpose: 'a request', signal: noSignal })
    const found = await recover(ctx, noSignal)
    expect(found.reservations).toBe(2)
    expect((await nodeOf(ctx, node.id)).reservation).toBeNull()
    expect((await nodeOf(ctx, foreign.id)).reservation).toBeNull()
    expect((await nodeOf(ctx, mine.id)).reservation).toBe('conductor-1')
  })

  it('keeps the reservation of a task that waits for its turn', async () => {
    const api = await testBed(db, { drivers, host: 'api-1' })
    const node = await addNode(ctx, { ...allFake, provisionState: 'available' })
    await deploy(api, someone, node.uuid, {})
    await processGone(api.processId)
    await recover(ctx, noSignal)
    expect((await nodeOf(ctx, node.id)).reservation).toBe('conductor-1')
    ctx.queue.messages.push(...api.queue.messages)
    await drain(ctx)
    expect(await nodeOf(ctx, node.id)).toMatchObject({
      provisionState: 'active',
      reservation: null,
    })
  })

  it('ends a power change nobody works on', async () => {
    const node = await addNode(ctx, { ...allFake, targetPowerState: 'power on' })
    await recover(ctx, noSignal)
    expect(await nodeOf(ctx, node.id)).toMatchObject({
      targetPowerState: null,
      lastError: 'Pending power operation was aborted due to conductor restart',
    })
  })

  it('leaves no node in a state somebody should be working on, however many there are', async () => {
    for (const provisionState of transientStates) {
      for (let i = 0; i < 3; i++)
        await addNode(ctx, { ...allFake, provisionState, maintenance: i > 1 })
    }
    const waiting = await addNode(ctx, { ...allFake, provisionState: 'clean wait' })
    const found = await recover(ctx, noSignal)
    expect(found.nodes).toBe(3 * transientStates.size)
    const rows = await db.orm.select().from(schema.nodes)
    expect(rows.filter((row) => transientStates.has(row.provisionState))).toEqual([])
    const [deploying] = rows.filter((row) => row.provisionState === 'deploy failed')
    expect(deploying).toMatchObject({
      reservation: null,
      lastError:
        "The deploying state can't be resumed by conductor conductor-1. Moving to fail state.",
    })
    expect((await nodeOf(ctx, waiting.id)).provisionState).toBe('clean wait')
  })
})
