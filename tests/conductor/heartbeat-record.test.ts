import { eq, sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { readSoon, recordSoon } from '../../src/conductor/ramdisk/heartbeat-record.js'
import { Batcher } from '../../src/batcher.js'
import * as schema from '../../src/db/schema/index.js'
import type { Database } from '../../src/db/types.js'
import { testDatabase } from '../_util/database.js'
import { addNode, nodeOf, testBed, type Bed } from './_harness.js'

let db: Database
let bed: Bed
beforeAll(async () => {
  db = await testDatabase()
  bed = await testBed(db)
})
afterAll(() => db.close())

const waiting = { provisionState: 'wait call-back' }
const many = (count: number, values = waiting) =>
  Promise.all(Array.from({ length: count }, () => addNode(bed, values)))

/** Counts the statements that `work` runs. */
async function statements(work: () => Promise<unknown>): Promise<number> {
  const spy = vi.spyOn(db.orm, 'execute')
  try {
    await work()
    return spy.mock.calls.length
  } finally {
    spy.mockRestore()
  }
}

describe('heartbeats that come together', () => {
  it('share statements, and each node keeps its own', async () => {
    const rows = await many(60)
    const count = await statements(() =>
      Promise.all(
        rows.map((row, n) => recordSoon(bed, { row, info: { beat: n }, touched: n % 2 === 0 })),
      ),
    )
    expect(count).toBe(1)
    for (const [n, row] of rows.entries()) {
      const stored = await nodeOf(bed, row.id)
      expect(stored.driverInternalInfo).toEqual({ beat: n })
      expect(stored.updatedAt).not.toBeNull()
      const touched = n % 2 === 0 ? stored.updatedAt : row.provisionUpdatedAt
      expect(stored.provisionUpdatedAt).toEqual(touched)
    }
  })

  it('are not recorded for nodes that are locked, changed, gone or elsewhere, and are for the others', async () => {
    const [locked, changed, gone, moved, free] = await many(5)
    const set = (id: number, values: Partial<typeof schema.nodes.$inferInsert>) =>
      db.orm.update(schema.nodes).set(values).where(eq(schema.nodes.id, id))
    await set(locked!.id, { reservation: 'somebody' })
    await set(changed!.id, { updatedAt: new Date(Date.now() + 1000) })
    await db.orm.delete(schema.nodes).where(eq(schema.nodes.id, gone!.id))
    await set(moved!.id, { provisionState: 'deploying' })
    const rows = [locked!, changed!, gone!, moved!, free!]
    await Promise.all(rows.map((row) => recordSoon(bed, { row, info: { beat: 1 }, touched: true })))
    for (const row of [locked!, changed!, moved!]) {
      expect((await nodeOf(bed, row.id)).driverInternalInfo).toBeNull()
    }
    expect((await nodeOf(bed, free!.id)).driverInternalInfo).toEqual({ beat: 1 })
  })

  it('leave what the last one said of a node', async () => {
    const [row, other] = await many(2)
    await Promise.all([
      recordSoon(bed, { row: other!, info: {}, touched: false }),
      ...[1, 2, 3].map((beat) => recordSoon(bed, { row: row!, info: { beat }, touched: false })),
    ])
    expect((await nodeOf(bed, row!.id)).driverInternalInfo).toEqual({ beat: 3 })
  })

  it('keep texts as they came, and what one of them cannot say hurts no other', async () => {
    const [odd, plain] = await many(2)
    const info = { nul: 'a\u0000b', half: '\ud800', quote: '\\u0000"' }
    await Promise.all([
      recordSoon(bed, { row: odd!, info, touched: false }),
      recordSoon(bed, { row: plain!, info: { beat: 1 }, touched: false }),
    ])
    const [stored] = await db.orm
      .select({ text: sql<string>`driver_internal_info::text` })
      .from(schema.nodes)
      .where(eq(schema.nodes.id, odd!.id))
    expect(JSON.parse(stored!.text)).toEqual(info)
    expect((await nodeOf(bed, plain!.id)).driverInternalInfo).toEqual({ beat: 1 })
  })

  it('read their nodes together, each its own', async () => {
    const rows = await many(40)
    const found: unknown[] = []
    const count = await statements(async () => {
      const uuids = [...rows.map((row) => row.uuid), 'nobody']
      found.push(...(await Promise.all(uuids.map((uuid) => readSoon(bed, uuid)))))
    })
    expect(count).toBe(1)
    expect(found).toEqual([...rows, null])
  })
})

describe('a call for many', () => {
  it('that fails for the fault of one is made again for each alone', async () => {
    const sent: number[][] = []
    const batcher = new Batcher<number>(
      (items) => {
        sent.push(items)
        return items.includes(2) ? Promise.reject(new Error('two')) : Promise.resolve()
      },
      { mayBeOnes: (error) => (error as Error).message === 'two' },
    )
    const outcomes = await Promise.allSettled([0, 1, 2, 3].map((n) => batcher.add(n)))
    expect(outcomes.map((o) => o.status)).toEqual([
      'fulfilled',
      'fulfilled',
      'rejected',
      'fulfilled',
    ])
    expect(sent).toEqual([[0], [1, 2, 3], [1], [2], [3]])
  })

  it('that fails for all is not made again', async () => {
    let calls = 0
    const batcher = new Batcher<number>(() => {
      calls++
      return Promise.reject(new Error('away'))
    })
    const outcomes = await Promise.allSettled([0, 1, 2].map((n) => batcher.add(n)))
    expect(outcomes.every((o) => o.status === 'rejected')).toBe(true)
    expect(calls).toBe(2)
  })

  it('takes no more than it may', async () => {
    const sent: number[] = []
    const batcher = new Batcher<number>(
      (items) => {
        sent.push(items.length)
        return Promise.resolve()
      },
      { most: 4 },
    )
    await Promise.all(Array.from({ length: 10 }, (_, n) => batcher.add(n)))
    expect(sent).toEqual([1, 4, 4, 1])
  })
})
