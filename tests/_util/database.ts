import { createHash, randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import postgres from 'postgres'
import { defaultConfig } from '../../src/config/index.js'
import { openDatabase } from '../../src/db/client.js'
import { migrate, readMigrations } from '../../src/db/migrate.js'
import { openPglite } from '../../src/db/pglite.js'
import type { Database } from '../../src/db/types.js'
import { createLogger } from '../../src/logger.js'

/**
 * A fresh, migrated database: PGlite in memory, or a database of its own on the server
 * `FERRIC_TEST_POSTGRES_URL` names. Close it (`await using` does), which also drops it.
 */
export async function testDatabase(): Promise<Database> {
  const url = process.env['FERRIC_TEST_POSTGRES_URL']
  if (url) return postgresFromTemplate(url)
  return openPglite(null, { loadDataDir: await pgliteTemplate() })
}

let template: Promise<Blob> | undefined

/** Creating a PGlite takes seconds and loading a dump takes tenths, so a dump is kept on disk. */
function pgliteTemplate(): Promise<Blob> {
  template ??= loadTemplate()
  return template
}

async function loadTemplate(): Promise<Blob> {
  const directory = join(import.meta.dirname, '../../node_modules/.cache/ferric')
  const path = join(directory, `pglite-${await templateKey()}.tar`)
  const cached = await readFile(path).catch(() => undefined)
  if (cached) return new Blob([cached])
  const dump = await dumpMigrated()
  await mkdir(directory, { recursive: true })
  const draft = `${path}.${randomUUID()}`
  await writeFile(draft, Buffer.from(await dump.arrayBuffer()))
  await rename(draft, path)
  return dump
}

/** Changes whenever the migrations, BullMQ or PGlite do. */
async function templateKey(): Promise<string> {
  const require = createRequire(import.meta.url)
  const hash = createHash('sha256')
  for (const migration of await readMigrations()) hash.update(migration.hash)
  for (const name of ['bullmq', '@electric-sql/pglite']) {
    const manifest = join(import.meta.dirname, '../../node_modules', name, 'package.json')
    hash.update((require(manifest) as { version: string }).version)
  }
  return hash.digest('hex').slice(0, 16)
}

async function dumpMigrated(): Promise<Blob> {
  await using database = await openPglite(null)
  await migrate(database)
  return database.client.dumpDataDir('none')
}

async function withServer<T>(url: string, work: (sql: postgres.Sql) => Promise<T>): Promise<T> {
  const sql = postgres(url, { max: 1, onnotice: () => undefined })
  try {
    return await work(sql)
  } finally {
    await sql.end()
  }
}

function withName(url: string, name: string): string {
  const renamed = new URL(url)
  renamed.pathname = `/${name}`
  return renamed.href
}

function open(connection: string): Promise<Database> {
  return openDatabase(defaultConfig({ database: { connection } }), createLogger('silent'))
}

async function openAndMigrate(connection: string): Promise<void> {
  await using database = await open(connection)
  await migrate(database)
}

/** Creates the template once per server; test processes that start together queue for it. */
async function ensureTemplate(url: string): Promise<string> {
  const name = `ferric_template_${await templateKey()}`
  await withServer(url, async (sql) => {
    await sql`select pg_advisory_lock(7215)`
    const found = await sql`select 1 from pg_database where datname = ${name}`
    if (found.length > 0) return
    const draft = `${name}_draft`
    await sql.unsafe(`drop database if exists ${draft} with (force)`)
    await sql.unsafe(`create database ${draft}`)
    await openAndMigrate(withName(url, draft))
    await sql.unsafe(`alter database ${draft} rename to ${name}`)
  })
  return name
}

async function postgresFromTemplate(url: string): Promise<Database> {
  const source = await ensureTemplate(url)
  const name = `ferric_test_${randomUUID().replaceAll('-', '')}`
  await withServer(url, (sql) => sql.unsafe(`create database ${name} template ${source}`))
  const database = await open(withName(url, name))
  let closing: Promise<void> | undefined
  const close = () => (closing ??= closeAndDrop())
  const closeAndDrop = async () => {
    await database.close()
    await withServer(url, (sql) => sql.unsafe(`drop database if exists ${name} with (force)`))
  }
  return { ...database, close, [Symbol.asyncDispose]: close }
}
