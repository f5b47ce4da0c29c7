import { sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'
import { expect, it } from 'vitest'
import { fromUnknown } from '../../src/errors.js'

/** Returns the status that a client gets when the database cannot be reached. */
async function statusWith(options: postgres.Options<Record<string, postgres.PostgresType>>) {
  const client = postgres({ ...options, connect_timeout: 1, max: 1 })
  const orm = drizzle(client)
  try {
    const query = orm.execute(sql`select 1`).catch(fromUnknown)
    const transaction = orm.transaction((tx) => tx.execute(sql`select 1`)).catch(fromUnknown)
    return (await Promise.all([query, transaction])).map((answer) =>
      'status' in answer ? answer.status : 200,
    )
  } finally {
    await client.end({ timeout: 0 })
  }
}

it('answers 503 while no server has the socket', async () => {
  expect(await statusWith({ host: '/nonexistent' })).toEqual([503, 503])
})

it('answers 503 while no server listens', async () => {
  expect(await statusWith({ host: '127.0.0.1', port: 1 })).toEqual([503, 503])
})
