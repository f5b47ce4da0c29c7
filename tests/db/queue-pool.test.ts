import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Database } from '../../src/db/types.js'
import { testDatabase } from '../_util/database.js'

let database: Database
beforeAll(async () => {
  database = await testDatabase()
  await database.pool.query('CREATE TABLE bullmq.t (n bigint, j jsonb)')
})
beforeEach(async () => {
  await database.pool.query('TRUNCATE bullmq.t')
})
afterAll(() => database.close())

async function count(): Promise<number> {
  const { rows } = await database.pool.query<{ n: number }>(
    'SELECT count(*)::int AS n FROM bullmq.t',
  )
  return rows[0]?.n ?? -1
}

describe("the pool of pg's shape", () => {
  it('answers as pg does: 64-bit numbers as text, JSON parsed, JSON text taken as it is', async () => {
    const insert = 'INSERT INTO bullmq.t VALUES ($1, $2), ($1, $3)'
    const { rowCount } = await database.pool.query(insert, [
      '9007199254740993',
      '{"a":1}',
      { b: 2 },
    ])
    expect(rowCount).toBe(2)
    const { rows } = await database.pool.query('SELECT * FROM bullmq.t ORDER BY j::text')
    expect(rows).toEqual([
      { n: '9007199254740993', j: { a: 1 } },
      { n: '9007199254740993', j: { b: 2 } },
    ])
  })

  it('runs BEGIN to COMMIT on one session, and ROLLBACK undoes it', async () => {
    const client = await database.pool.connect()
    await client.query('BEGIN')
    await client.query('INSERT INTO bullmq.t VALUES (1, NULL)')
    await client.query('ROLLBACK')
    expect(await count()).toBe(0)
    await client.query('BEGIN')
    await client.query('INSERT INTO bullmq.t VALUES (1, NULL)')
    await client.query('COMMIT')
    expect(await count()).toBe(1)
    client.release()
  })

  it('reports what fails inside a transaction and goes on after it', async () => {
    const client = await database.pool.connect()
    await client.query('BEGIN')
    await expect(client.query('SELECT nothing')).rejects.toThrow('nothing')
    await client.query('ROLLBACK')
    client.release()
    expect(await count()).toBe(0)
  })

  it('rolls back what a released client left open', async () => {
    const client = await database.pool.connect()
    await client.query('BEGIN')
    await client.query('INSERT INTO bullmq.t VALUES (1, NULL)')
    client.release()
    expect(await count()).toBe(0)
  })

  it('delivers notifications until it is released, without holding a session', async () => {
    const clients = await Promise.all(Array.from({ length: 12 }, () => database.pool.connect()))
    const heard = clients.map((client) => {
      return new Promise((resolve) => {
        client.on('notification', resolve)
      })
    })
    for (const client of clients) await client.query('-- as BullMQ writes it\nLISTEN bullmq_jobs;')
    await Promise.all(clients.map((client) => client.query('SELECT 1')))
    await database.pool.query("SELECT pg_notify('bullmq_jobs', 'q')")
    expect(await Promise.all(heard)).toEqual(
      clients.map(() => ({ channel: 'bullmq_jobs', payload: 'q' })),
    )
    for (const client of clients) client.release()
  })
})
