import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { withNode } from '../../src/conductor/node/with-node.js'
import type { WorkTable } from '../../src/conductor/work/types.js'
import * as schema from '../../src/db/schema/index.js'
import type { NodeRow } from '../../src/db/rows.js'
import type { Database, Orm } from '../../src/db/types.js'
import { handleTask } from '../../src/conductor/work/worker.js'
import { testDatabase } from '../_util/database.js'
import {
  addNode,
  drain,
  likeBed,
  nodeOf,
  noSignal,
  registerHost,
  someone,
  testBed,
  type Bed,
} from './_harness.js'

let db: Database
let ctx: Bed
let node: NodeRow

beforeAll(async () => {
  db = await testDatabase()
})
afterAll(async () => db.close())
beforeEach(async () => {
  await db.orm.delete(schema.nodes)
  await db.orm.delete(schema.tasks)
  await db.orm.delete(schema.conductors)
  await db.orm.delete(schema.processes)
  ctx = await testBed(db)
  await registerHost(ctx)
  node = await addNode(ctx)
})

const purpose = { purpose: 'a test', loadDriver: false }

describe('a reservation', () => {
  it.each([
    'urn:uuid:3e0a7993-02ba-59a4-8bba-0ba1b8b5781e',
    '{3e0a7993-02ba-59a4-8bba-0ba1b8b5781e}',
  ])('is given on a node whose UUID is written %s', async (uuid) => {
    await addNode(ctx, { uuid })
    await withNode(ctx, someone, uuid, purpose, async (task) => {
      expect(task.node.reservation).toBe('conductor-1')
    })
  })

  it('shows the conductor while it is held and is gone afterwards', async () => {
    const seen = await withNode(ctx, someone, node.uuid, purpose, async (task) => {
      const during = await nodeOf(ctx, task.node.id)
      const rows = await db.orm.select().from(schema.reservations)
      return { reservation: during.reservation, purpose: rows[0]?.purpose }
    })
    expect(seen).toEqual({ reservation: 'conductor-1', purpose: 'a test' })
    expect((await nodeOf(ctx, node.id)).reservation).toBeNull()
    expect(await db.orm.select().from(schema.reservations)).toEqual([])
  })

  it('is released when the work throws, and nothing unsaved is stored', async () => {
    const failing = withNode(ctx, someone, node.id, purpose, async (task) => {
      task.node.description = 'changed'
      throw new Error('refused')
    })
    await expect(failing).rejects.toThrow('refused')
    expect(await nodeOf(ctx, node.id)).toMatchObject({ reservation: null, description: null })
  })

  it('refuses a second holder after three attempts one second apart, with the text', async () => {
    await withNode(ctx, someone, node.id, purpose, async () => {
      const second = withNode(ctx, someone, node.id, purpose, () => Promise.resolve())
      await expect(second).rejects.toMatchObject({
        status: 409,
        message: `Node ${node.uuid} is locked by host conductor-1, please retry after the current operation is completed.`,
      })
      expect(ctx.clock.slept).toEqual([1000, 1000])
    })
  })

  it('does not wait when told not to', async () => {
    await withNode(ctx, someone, node.id, purpose, async () => {
      const once = { ...purpose, retry: false }
      const second = withNode(ctx, someone, node.id, once, () => Promise.resolve())
      await expect(second).rejects.toMatchObject({ status: 409 })
      expect(ctx.clock.slept).toEqual([])
    })
  })

  it('answers 404 for a node that is not there and for a driver nobody serves, 503 without conductors', async () => {
    const go = (id: number | string) => withNode(ctx, someone, id, purpose, () => Promise.resolve())
    await expect(go(4711)).rejects.toMatchObject({ status: 404 })
    const lost = await addNode(ctx, { driver: 'ipmi' })
    await expect(go(lost.id)).rejects.toMatchObject({
      status: 404,
      message: expect.stringContaining('supports driver ipmi for conductor group ""'),
    })
    expect((await nodeOf(ctx, lost.id)).reservation).toBeNull()
    await db.orm.delete(schema.conductors)
    await expect(go(lost.id)).rejects.toMatchObject({ status: 503 })
  })

  it('is needed to write', async () => {
    const shared = withNode(ctx, someone, node.id, { ...purpose, shared: true }, (task) =>
      task.save(),
    )
    await expect(shared).rejects.toMatchObject({ status: 403 })
  })
})

describe('a task', () => {
  const table: WorkTable = {
    note: {
      lock: 'handed',
      method: '_note',
      async run(task, args) {
        task.node.description = `${task.node.description ?? ''}${String(args['text'])}`
        task.history({ event: 'noted', severity: 'INFO' })
        await Promise.resolve()
      },
    },
    burst: {
      lock: 'handed',
      method: '_burst',
      run: () => Promise.reject(new Error('no good')),
    },
  }

  it('takes the reservation over, and gives it back with its result', async () => {
    await withNode(ctx, someone, node.id, purpose, (task) => task.spawn('note', { text: 'x' }))
    expect((await nodeOf(ctx, node.id)).reservation).toBe('conductor-1')
    await drain(ctx, table)
    expect(await nodeOf(ctx, node.id)).toMatchObject({ reservation: null, description: 'x' })
    expect(await db.orm.select().from(schema.tasks)).toEqual([])
    expect(await db.orm.select().from(schema.reservations)).toEqual([])
    const [history] = await db.orm.select().from(schema.nodeHistory)
    expect(history).toMatchObject({ event: 'noted', user: 'user-1', conductor: 'conductor-1' })
  })

  it('has effect once although its message comes twice, even at the same time', async () => {
    const id = await withNode(ctx, someone, node.id, purpose, (task) =>
      task.spawn('note', { text: 'x' }),
    )
    await Promise.all([1, 2, 3].map(() => handleTask(ctx, table, id, noSignal)))
    await handleTask(ctx, table, id, noSignal)
    expect(await nodeOf(ctx, node.id)).toMatchObject({ reservation: null, description: 'x' })
  })

  it('whose work throws leaves the error and no reservation', async () => {
    await withNode(ctx, someone, node.id, purpose, (task) => task.spawn('burst'))
    await drain(ctx, table)
    expect(await nodeOf(ctx, node.id)).toMatchObject({
      reservation: null,
      lastError: 'Async execution of _burst failed with error: no good',
    })
  })

  it('whose result cannot be stored leaves an error and no reservation', async () => {
    await db.orm.update(schema.nodes).set({ provisionState: 'cleaning' })
    await withNode(ctx, someone, node.id, purpose, (task) => task.spawn('nul'))
    await drain(ctx, {
      nul: {
        lock: 'handed',
        method: '_nul',
        run(task) {
          task.node.description = 'nul \u0000'
          return Promise.resolve()
        },
      },
    })
    expect(await nodeOf(ctx, node.id)).toMatchObject({
      reservation: null,
      description: null,
      provisionState: 'clean failed',
      lastError: expect.stringContaining('could not be stored'),
    })
  })

  it('of a kind this version does not know waits for one that does', async () => {
    const id = await withNode(ctx, someone, node.id, purpose, (task) => task.spawn('future'))
    await handleTask(ctx, table, id, noSignal)
    expect(await db.orm.select().from(schema.tasks)).toMatchObject([{ id, state: 'queued' }])
  })

  it('goes back to the queue with its reservation when the process must stop', async () => {
    const id = await withNode(ctx, someone, node.id, purpose, (task) => task.spawn('slow'))
    const stop = new AbortController()
    const slow: WorkTable = {
      slow: {
        lock: 'handed',
        method: '_slow',
        async run(task) {
          task.node.description = 'begun'
          stop.abort(new Error('stopping'))
          await task.ctx.clock.sleep(1, task.signal)
        },
      },
    }
    await handleTask(ctx, slow, id, stop.signal)
    expect(await nodeOf(ctx, node.id)).toMatchObject({
      reservation: 'conductor-1',
      description: 'begun',
    })
    const [row] = await db.orm.select().from(schema.tasks)
    expect(row).toMatchObject({ state: 'queued', processId: null, attempts: 0 })
  })
})

describe('a database that goes away', () => {
  it('gets the reservation back when it is there again', async () => {
    let away = false
    const orm = new Proxy(db.orm, {
      get(target, name: keyof Orm) {
        const value: unknown = target[name]
        if (name !== 'execute' || typeof value !== 'function') return value
        return (...args: unknown[]) =>
          away ? Promise.reject(new Error('away')) : (value.apply(target, args) as unknown)
      },
    })
    const flaky = likeBed(ctx, { db: { ...db, orm } })
    const answer = await withNode(flaky, someone, node.id, purpose, () => {
      away = true
      return Promise.resolve('answered')
    })
    expect(answer).toBe('answered')
    expect((await nodeOf(ctx, node.id)).reservation).toBe('conductor-1')
    away = false
    await vi.waitFor(async () => expect((await nodeOf(ctx, node.id)).reservation).toBeNull())
  })
})
