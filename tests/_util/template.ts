import { createHash } from 'node:crypto'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import postgres from 'postgres'
import { defaultConfig } from '../../src/config/index.js'
import { openDatabase } from '../../src/db/client.js'
import { migrate, readMigrations } from '../../src/db/migrate.js'
import type { Database } from '../../src/db/types.js'
import { silent } from './silent.js'

/** Changes whenever the migrations or BullMQ do. */
export async function templateKey(): Promise<string> {
  const require = createRequire(import.meta.url)
  const hash = createHash('sha256')
  for (const migration of await readMigrations()) hash.update(migration.hash)
  const manifest = join(import.meta.dirname, '../../node_modules/bullmq/package.json')
  hash.update((require(manifest) as { version: string }).version)
  return hash.digest('hex').slice(0, 16)
}

/** Runs `work` with one connection to the server's first database. */
export async function withServer<T>(
  url: string,
  work: (sql: postgres.Sql) => Promise<T>,
): Promise<T> {
  const parsed = new URL(url)
  const host = parsed.searchParams.get('host')
  parsed.searchParams.delete('host')
  const sql = postgres(parsed.href, {
    max: 1,
    onnotice: () => undefined,
    ...(host === null ? {} : { host }),
  })
  try {
    return await work(sql)
  } finally {
    await sql.end()
  }
}

/** The same server's database of another name. */
export function withName(url: string, name: string): string {
  const renamed = new URL(url)
  renamed.pathname = `/${name}`
  return renamed.href
}

export function open(connection: string): Promise<Database> {
  return openDatabase(defaultConfig({ database: { connection } }), silent.db)
}

async function openAndMigrate(connection: string): Promise<void> {
  await using database = await open(connection)
  await migrate(database)
}

/** Creates the migrated template once per server; test processes that start together queue for it. */
export async function ensureTemplate(url: string): Promise<string> {
  const name = `ferric_template_${await templateKey()}`
  await withServer(url, async (sql) => {
    await sql`select pg_advisory_lock(7215)`
    const existing = await sql`select 1 from pg_database where datname = ${name}`
    if (existing.length > 0) return
    const draft = `${name}_draft`
    await sql.unsafe(`drop database if exists ${draft} with (force)`)
    await sql.unsafe(`create database ${draft}`)
    await openAndMigrate(withName(url, draft))
    await sql.unsafe(`alter database ${draft} rename to ${name}`)
  })
  return name
}
