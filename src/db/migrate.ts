import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runMigrations } from 'bullmq'
import { installationRoot } from '../installation.js'
import type { QueueClient, SqlSession } from './queue-pool.js'
import type { Database } from './types.js'

/**
 * Applies `migrations/` (drizzle-kit's SQL and journal) with the ledger drizzle's own migrator
 * keeps, in one transaction: all of them or none. A migration therefore holds no statement that
 * refuses to run in a transaction. Many processes may start at once.
 */
interface Migration {
  readonly when: number
  readonly hash: string
  readonly sql: string
}

/** 'ferric' in ASCII: the advisory lock migrating processes queue for. */
const advisoryLock = 0x666572726963
const lockTimeout = '120s'

/** Every migration in order. */
export async function readMigrations(
  directory = join(installationRoot(), 'migrations'),
): Promise<Migration[]> {
  const journal = JSON.parse(await readFile(join(directory, 'meta/_journal.json'), 'utf8')) as {
    entries: { when: number; tag: string }[]
  }
  return Promise.all(
    journal.entries.map(async ({ when, tag }) => {
      const sql = await readFile(join(directory, `${tag}.sql`), 'utf8')
      return { when, sql, hash: createHash('sha256').update(sql).digest('hex') }
    }),
  )
}

const prepareLedger = `
  SET LOCAL search_path TO public;
  CREATE SCHEMA IF NOT EXISTS drizzle;
  CREATE TABLE IF NOT EXISTS drizzle.__drizzle_migrations (
    id SERIAL PRIMARY KEY, hash text NOT NULL, created_at bigint
  )`

async function pendingOf(session: SqlSession, migrations: Migration[]): Promise<Migration[]> {
  const { rows } = await session.query<{ last: string }>(
    'SELECT coalesce(max(created_at), 0)::text AS last FROM drizzle.__drizzle_migrations',
  )
  const last = Number(rows[0]?.last)
  return migrations.filter((migration) => migration.when > last)
}

/** How many migrations `migrate` would apply. */
export async function pendingMigrations(database: Database): Promise<number> {
  const migrations = await readMigrations()
  const { rows } = await database.pool.query<{ ledger: string | null }>(
    "SELECT to_regclass('drizzle.__drizzle_migrations')::text AS ledger",
  )
  if (rows[0]?.ledger == null) return migrations.length
  return (await pendingOf(database.pool, migrations)).length
}

async function applyPending(client: QueueClient, migrations: Migration[]): Promise<number> {
  await client.query(prepareLedger)
  const pending = await pendingOf(client, migrations)
  for (const { sql, hash, when } of pending) {
    await client.query(sql.replaceAll('--> statement-breakpoint', ''))
    await client.query(
      'INSERT INTO drizzle.__drizzle_migrations (hash, created_at) VALUES ($1, $2)',
      [hash, when],
    )
  }
  return pending.length
}

async function inTransaction<T>(client: QueueClient, work: () => Promise<T>): Promise<T> {
  await client.query('BEGIN')
  try {
    const result = await work()
    await client.query('COMMIT')
    return result
  } catch (error) {
    await client.query('ROLLBACK')
    throw error
  }
}

async function withClient<T>(
  database: Database,
  work: (client: QueueClient) => Promise<T>,
): Promise<T> {
  const client = await database.pool.connect()
  try {
    return await work(client)
  } finally {
    client.release()
  }
}

/**
 * Runs `work` while no other process migrates. The lock is held by a transaction of its own,
 * because one that waited for it would still see the catalogue as it was before the wait.
 */
function alone<T>(database: Database, work: () => Promise<T>): Promise<T> {
  return withClient(database, (client) =>
    inTransaction(client, async () => {
      await client.query(`SET LOCAL lock_timeout = '${lockTimeout}'`)
      await client.query('SELECT pg_advisory_xact_lock($1)', [advisoryLock])
      return work()
    }),
  )
}

/**
 * Brings the database up to this version of Ferric; a second call changes nothing.
 * @param options `queue: false` leaves BullMQ's tables out, when Redis carries the queue; `until` is the `when` of
 *   the last migration to apply
 * @returns how many migrations were applied, BullMQ's not counted
 * @throws Error when a migration fails, which leaves the database as it was, or when another
 *   process migrates for longer than two minutes
 */
export async function migrate(
  database: Database,
  options: { readonly queue?: boolean; readonly until?: number } = {},
): Promise<number> {
  const { until = Infinity } = options
  const migrations = (await readMigrations()).filter(({ when }) => when <= until)
  return alone(database, () =>
    withClient(database, async (client) => {
      const applied = await inTransaction(client, () => applyPending(client, migrations))
      if (options.queue !== false) await runMigrations(client)
      return applied
    }),
  )
}
