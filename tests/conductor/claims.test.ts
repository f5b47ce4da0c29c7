import { randomUUID } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { WorkTable } from '../../src/conductor/work/types.js'
import { acquire } from '../../src/conductor/lock/reservation.js'
import { claim } from '../../src/conductor/work/tasks.js'
import { deploy } from '../../src/conductor/verbs/deploy.js'
import { handleTask } from '../../src/conductor/work/worker.js'
import { registerConductor } from '../../src/conductor/cluster/registration.js'
import * as schema from '../../src/db/schema/index.js'
import type { Database } from '../../src/db/types.js'
import { testDatabase } from '../_util/database.js'
import { addNode, allFake, fakeDrivers, noSignal, someone, testBed, type Bed } from './_harness.js'

let db: Database
let ctx: Bed

beforeAll(async () => {
  db = await testDatabase()
  ctx = await testBed(db, { drivers: await fakeDrivers() })
  await registerConductor(ctx)
})
afterAll(async () => db.close())

/** A node whose deployment is queued, with the reservation handed over to it; the id of the task. */
async function deployment(): Promise<{ node: number; task: string }> {
  const { id, uuid } = await addNode(ctx, { ...allFake, provisionState: 'available' })
  await deploy(ctx, someone, uuid, {})
  return { node: id, task: ctx.queue.messages.pop()!.taskId }
}

async function heartbeat(nodeId: number): Promise<string> {
  const id = randomUUID()
  const at = ctx.clock.now()
  const row = { id, kind: 'heartbeat', nodeId, args: {}, queue: 'q', state: 'queued' as const }
  await db.orm.insert(schema.tasks).values({ ...row, createdAt: at })
  return id
}

const taskRows = (id: string) => db.orm.select().from(schema.tasks).where(eq(schema.tasks.id, id))

it('hands a reservation to its task alone, however many of the node are claimed at once', async () => {
  const { node, task } = await deployment()
  const beats = [await heartbeat(node), await heartbeat(node)]
  // The first goes alone; the others gather behind it and share a statement.
  const first = claim(ctx, randomUUID())
  const claims = await Promise.all([...beats, task].map((id) => claim(ctx, id)))
  await first
  expect(claims.map((one) => one?.held?.nodeId)).toEqual([undefined, undefined, node])
})

it('lets a task that lost its node disappear, and not the one that took it over', async () => {
  const { node, task } = await deployment()
  const later = new Date(ctx.clock.now().getTime() + 1)
  const robbed = (again: boolean): WorkTable => ({
    deploy: {
      lock: 'handed',
      method: 'deploy',
      async run() {
        await db.orm.delete(schema.reservations)
        await db.orm.update(schema.nodes).set({ reservation: null })
        await acquire(ctx, node, { purpose: 'a take-over', signal: noSignal })
        if (again) await db.orm.update(schema.tasks).set({ startedAt: later })
      },
    },
  })
  await handleTask(ctx, robbed(true), task, noSignal)
  expect(await taskRows(task)).toMatchObject([{ state: 'running', startedAt: later }])
  await db.orm.update(schema.tasks).set({ state: 'queued', attempts: 0 })
  await db.orm.update(schema.reservations).set({ taskId: task })
  await handleTask(ctx, robbed(false), task, noSignal)
  expect(await taskRows(task)).toEqual([])
})
