import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { recover } from '../../src/conductor/cluster/recovery.js'
import { keepAlive, registerConductor } from '../../src/conductor/cluster/registration.js'
import { changePowerState } from '../../src/conductor/verbs/power.js'
import { ringOf } from '../../src/conductor/cluster/ring.js'
import { deploy } from '../../src/conductor/verbs/deploy.js'
import type { NodeRow } from '../../src/db/rows.js'
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
let rack: Bed
let node: NodeRow

beforeAll(async () => {
  db = await testDatabase()
  drivers = await fakeDrivers()
})
afterAll(async () => db.close())
/** Two conductors, each with a group, and a node in that of the second. */
beforeEach(async () => {
  await db.orm.delete(schema.nodes)
  await db.orm.delete(schema.tasks)
  await db.orm.delete(schema.processes)
  await db.orm.delete(schema.conductorHardwareInterfaces)
  await db.orm.delete(schema.conductors)
  ctx = await testBed(db, { drivers })
  await registerConductor(ctx)
  const config = { conductor: { conductor_group: 'rack' } }
  rack = { ...(await testBed(db, { drivers, config, host: 'conductor-2' })), clock: ctx.clock }
  await registerConductor(rack)
  ringOf(ctx).reset()
  node = await addNode(ctx, { ...allFake, provisionState: 'available', conductorGroup: 'rack' })
})

const beat = async (bed: Bed) => {
  await keepAlive(bed)
  await db.orm
    .update(schema.processes)
    .set({ heartbeatAt: ctx.clock.now() })
    .where(eq(schema.processes.id, bed.processId))
}
/** Time passes in small steps; those given live on, and the first looks after the tasks. */
async function pass(seconds: number, ...alive: Bed[]): Promise<void> {
  for (let i = 0; i < seconds; i += 10) {
    ctx.clock.advance(10_000)
    for (const bed of alive) await beat(bed)
    await recover(ctx, noSignal)
  }
}

describe('work whose conductor is gone', () => {
  it('fails once its group had no conductor for long enough, and frees the node', async () => {
    await deploy(ctx, someone, node.uuid, {})
    await pass(120, ctx)
    expect(await nodeOf(ctx, node.id)).toMatchObject({
      provisionState: 'deploying',
      reservation: 'conductor-2',
    })
    await pass(20, ctx)
    expect(await nodeOf(ctx, node.id)).toMatchObject({
      provisionState: 'deploy failed',
      reservation: null,
      lastError:
        'The deploy operation was given up: no conductor serves the driver fake-hardware in the conductor group "rack" any more.',
    })
    expect(await db.orm.select().from(schema.tasks)).toEqual([])
    expect(await db.orm.select().from(schema.reservations)).toEqual([])
  })

  it('keeps that text for a power change, which goes no further', async () => {
    await changePowerState(ctx, someone, node.uuid, 'power on', null)
    await pass(140, ctx)
    expect(await nodeOf(ctx, node.id)).toMatchObject({
      targetPowerState: null,
      reservation: null,
      lastError: expect.stringContaining('no conductor serves the driver'),
    })
  })

  it('waits for a conductor that is busy, however long', async () => {
    await deploy(ctx, someone, node.uuid, {})
    await pass(600, ctx, rack)
    await drain(rack)
    await drain(ctx)
    expect(await nodeOf(ctx, node.id)).toMatchObject({ provisionState: 'active' })
  })

  it('waits for a conductor that restarts, and for one that starts after another', async () => {
    await deploy(ctx, someone, node.uuid, {})
    await pass(300, ctx, rack)
    await pass(110, ctx)
    await registerConductor(rack)
    await pass(110, ctx)
    expect((await nodeOf(ctx, node.id)).provisionState).toBe('deploying')
    ctx.clock.advance(3_600_000)
    const now = ctx.clock.now()
    const reborn = { startedAt: now, heartbeatAt: now }
    await db.orm.delete(schema.processes).where(eq(schema.processes.id, rack.processId))
    await db.orm.update(schema.processes).set(reborn)
    await registerConductor(ctx)
    await recover(ctx, noSignal, { atStart: true })
    expect((await nodeOf(ctx, node.id)).provisionState).toBe('deploying')
  })

  it('fails when the only conductor comes back without the driver', async () => {
    await deploy(ctx, someone, node.uuid, {})
    await pass(300, ctx, rack)
    await db.orm
      .update(schema.conductors)
      .set({ drivers: ['redfish'] })
      .where(eq(schema.conductors.hostname, 'conductor-2'))
    await db.orm
      .update(schema.processes)
      .set({ startedAt: ctx.clock.now() })
      .where(eq(schema.processes.id, rack.processId))
    await pass(120, ctx, rack)
    expect((await nodeOf(ctx, node.id)).provisionState).toBe('deploying')
    await pass(20, ctx, rack)
    expect((await nodeOf(ctx, node.id)).provisionState).toBe('deploy failed')
  })
})
