import { randomUUID } from 'node:crypto'
import { silent } from '../_util/silent.js'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { systemClock } from '../../src/clock.js'
import { openQueue } from '../../src/conductor/work/queue/bullmq.js'
import type { TaskQueue } from '../../src/conductor/work/queue/types.js'
import { startConductor, type ConductorService } from '../../src/conductor/service.js'
import { deploy } from '../../src/conductor/verbs/deploy.js'
import { manageNode, provideNode } from '../../src/conductor/verbs/provisioning-action.js'
import { defaultConfig } from '../../src/config/index.js'
import { Services } from '../../src/services.js'
import type { AppContext } from '../../src/context.js'
import * as schema from '../../src/db/schema/index.js'
import type { Database } from '../../src/db/types.js'
import type { DriverRegistry } from '../../src/drivers/registry.js'
import { testDatabase } from '../_util/database.js'
import { addNode, allFake, fakeDrivers, nodeOf, someone, withDriver } from './_harness.js'

/** `FERRIC_TEST_REDIS_URL` puts the queue there; else the database carries it. */
const config = defaultConfig({
  ferric: { queue_url: process.env['FERRIC_TEST_REDIS_URL'] ?? null },
})
const log = silent
let db: Database
let queue: TaskQueue
let drivers: DriverRegistry
let running: ConductorService[] = []
/** What the slow step does. */
let step: (signal: AbortSignal) => Promise<void> = () => Promise.resolve()

beforeAll(async () => {
  db = await testDatabase()
  queue = await openQueue(config, db, log.queue)
  drivers = withDriver(await fakeDrivers(), (driver) => ({
    ...driver,
    deploy: { ...driver.deploy, prepare: (task) => step(task.signal) },
  }))
})
afterAll(async () => {
  await queue.close()
  await db.close()
})
beforeEach(() => {
  step = () => Promise.resolve()
})
afterEach(async () => {
  await Promise.all(running.map((service) => service.close(0)))
  running = []
})

function newProcess(host = 'conductor-1'): AppContext {
  const process = { processId: randomUUID(), host, services: new Services(log) }
  return { config, clock: systemClock, log, db, queue, drivers, ...process }
}
async function start(ctx: AppContext): Promise<ConductorService> {
  const service = await startConductor(ctx)
  running.push(service)
  return service
}
const settled = (ctx: AppContext, id: number, provisionState: string) =>
  vi.waitFor(
    async () => {
      const row = await nodeOf(ctx, id)
      expect(row).toMatchObject({ provisionState, reservation: null, lastError: null })
    },
    { timeout: 20_000, interval: 25 },
  )

describe('the conductor on BullMQ', () => {
  it('brings nodes to active', async () => {
    const ctx = newProcess()
    await start(ctx)
    const nodes = await Promise.all([1, 2, 3].map(() => addNode(ctx, allFake)))
    for (const [verb, state] of [
      [manageNode, 'manageable'],
      [provideNode, 'available'],
      [(c: AppContext, s: typeof someone, id: number | string) => deploy(c, s, id, {}), 'active'],
    ] as const) {
      await Promise.all(nodes.map((node) => verb(ctx, someone, node.uuid)))
      await Promise.all(nodes.map((node) => settled(ctx, node.id, state)))
    }
    expect(await db.orm.select().from(schema.tasks)).toEqual([])
  })

  it('is online while it runs, with what it drives, and offline afterwards', async () => {
    const ctx = newProcess()
    const service = await start(ctx)
    const [online] = await db.orm.select().from(schema.conductors)
    expect(online).toMatchObject({ hostname: 'conductor-1', online: true })
    expect(online?.drivers).toContain('fake-hardware')
    expect(await db.orm.select().from(schema.conductorHardwareInterfaces)).not.toEqual([])
    expect(await db.orm.select().from(schema.processes)).toHaveLength(1)
    await service.close(1000)
    running = []
    const [offline] = await db.orm.select().from(schema.conductors)
    expect(offline).toMatchObject({ hostname: 'conductor-1', online: false })
    expect(await db.orm.select().from(schema.conductorHardwareInterfaces)).toEqual([])
    expect(await db.orm.select().from(schema.processes)).toEqual([])
  })

  it('waits for running work when it is closed', async () => {
    const ctx = newProcess()
    const service = await start(ctx)
    const node = await addNode(ctx, { ...allFake, provisionState: 'available' })
    let begun!: () => void
    let finish!: () => void
    const hasBegun = new Promise<void>((resolve) => (begun = resolve))
    const mayFinish = new Promise<void>((resolve) => (finish = resolve))
    step = () => {
      begun()
      return mayFinish
    }
    await deploy(ctx, someone, node.uuid, {})
    await hasBegun
    const closed = service.close(20_000)
    finish()
    await closed
    running = []
    expect(await nodeOf(ctx, node.id)).toMatchObject({
      provisionState: 'active',
      reservation: null,
    })
  })

  it('hands back what does not end in time, and the next one ends it', async () => {
    const ctx = newProcess()
    const service = await start(ctx)
    const node = await addNode(ctx, { ...allFake, provisionState: 'available' })
    let begun!: () => void
    const hasBegun = new Promise<void>((resolve) => (begun = resolve))
    step = (signal) => {
      begun()
      return new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error))
      })
    }
    await deploy(ctx, someone, node.uuid, {})
    await hasBegun
    await service.close(50)
    running = []
    expect(await nodeOf(ctx, node.id)).toMatchObject({
      provisionState: 'deploying',
      reservation: 'conductor-1',
    })
    expect(await db.orm.select().from(schema.tasks)).toMatchObject([{ state: 'queued' }])
    step = () => Promise.resolve()
    await start(newProcess())
    await settled(ctx, node.id, 'active')
  })
})
