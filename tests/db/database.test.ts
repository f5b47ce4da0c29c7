import { eq, sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { migrate } from '../../src/db/migrate.js'
import { rawRows } from '../../src/db/raw-rows.js'
import { chassis } from '../../src/db/schema/index.js'
import type { Database } from '../../src/db/types.js'
import { testDatabase } from '../_util/database.js'

const uuid = '11111111-2222-4333-8444-555555555555'

let database: Database
beforeAll(async () => {
  database = await testDatabase()
})
afterAll(() => database.close())

describe('the database', () => {
  it('keeps what a transaction committed and nothing a failed one wrote', async () => {
    const { orm } = database
    await orm.transaction((tx) => tx.insert(chassis).values({ uuid, extra: { b: 1, a: [2] } }))
    const failed = orm.transaction(async (tx) => {
      await tx.update(chassis).set({ description: 'lost' })
      throw new Error('no')
    })
    await expect(failed).rejects.toThrow('no')
    const [row] = await orm.select().from(chassis).where(eq(chassis.uuid, uuid))
    expect(row).toMatchObject({ uuid, extra: { b: 1, a: [2] }, description: null })
    expect(row?.createdAt).toBeInstanceOf(Date)
  })

  it('returns the rows of a hand-written query', async () => {
    expect(await rawRows<{ n: number }>(database.orm, sql`select 1 as n`)).toEqual([{ n: 1 }])
  })

  it('applies migrations once', async () => {
    expect(await migrate(database)).toBe(0)
  })

  it('lets BullMQ run a job', async () => {
    const { Queue, Worker, createPostgresBackend } = await import('bullmq')
    const options = { connection: database.pool }
    const queue = new Queue('q', options, createPostgresBackend)
    const worker = new Worker('q', () => Promise.resolve(), options, createPostgresBackend)
    const done = new Promise((resolve) => {
      worker.on('completed', (job) => resolve(job.data))
    })
    await queue.add('j', { id: 7 })
    expect(await done).toEqual({ id: 7 })
    await worker.close()
    await queue.close()
  })
})
