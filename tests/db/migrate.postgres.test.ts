import postgres from 'postgres'
import { describe, expect, it } from 'vitest'
import { defaultConfig } from '../../src/config/index.js'
import { openDatabase } from '../../src/db/client.js'
import { migrate, readMigrations } from '../../src/db/migrate.js'
import { createLogger } from '../../src/logger.js'

/** A database without tables, dropped when disposed of. */
async function emptyDatabase(serverUrl: string): Promise<AsyncDisposable & { url: string }> {
  const sql = postgres(serverUrl, { max: 1, onnotice: () => undefined })
  const name = `ferric_empty_${process.pid}`
  await sql.unsafe(`create database ${name}`)
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  const drop = async () => {
    await sql.unsafe(`drop database ${name} with (force)`)
    await sql.end()
  }
  return { url: url.href, [Symbol.asyncDispose]: drop }
}

/** Run only where a server is: see scripts/test.mjs. */
const server = process.env['FERRIC_TEST_POSTGRES_URL'] ?? ''

describe('PostgreSQL', () => {
  it('is migrated once by processes that start together', async () => {
    await using database = await emptyDatabase(server)
    const log = createLogger('silent')
    const config = defaultConfig({ database: { connection: database.url } })
    const databases = await Promise.all([1, 2, 3, 4].map(() => openDatabase(config, log)))
    const applied = await Promise.all(databases.map((one) => migrate(one)))
    await Promise.all(databases.map((one) => one.close()))
    expect(applied.toSorted((a, b) => a - b)).toEqual([0, 0, 0, (await readMigrations()).length])
  })
})
