import { createWriteStream } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import {
  copyLine,
  endOfRows,
  firstLine,
  headerLine,
  lastLine,
  type Header,
  type TableContent,
} from './format.js'

/** A database to read from, in one transaction that sees one moment. */
export interface ArchiveSource {
  query(text: string): Promise<readonly Readonly<Record<string, unknown>>[]>
  /** The rows of a table in COPY's text format, each with a line feed. */
  copyOut(table: TableContent): AsyncIterable<Uint8Array>
}

const tablesQuery = `
  select c.relname as name, json_agg(a.attname order by a.attnum) as columns
  from pg_class c join pg_attribute a on a.attrelid = c.oid
  where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace
    and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
  group by c.relname order by c.relname`
const sequencesQuery = `
  select quote_ident(schemaname) || '.' || quote_ident(sequencename) as name, last_value::text as value
  from pg_sequences where schemaname = 'public' and last_value is not null order by 1`
const migrationQuery = 'select max(created_at)::text as last from drizzle.__drizzle_migrations'

/**
 * Writes a backup. The file appears under its name when it is complete and on disk.
 * @param path the file, readable by its owner alone, because it holds the passwords of BMCs
 * @param about what the header says beside the state of the schema
 * @returns the number of tables
 * @throws Error when the file cannot be written or the database is not one of Ferric's
 */
export async function writeArchive(
  source: ArchiveSource,
  path: string,
  about: Omit<Header, 'migration'>,
): Promise<number> {
  const [row] = await source.query(migrationQuery)
  const migration = Number(row?.['last'] ?? 0)
  const tables = (await source.query(tablesQuery)) as unknown as readonly TableContent[]
  const draft = `${path}.partial`
  const text = Readable.from(pieces(source, { ...about, migration }, tables))
  const file = createWriteStream(draft, { mode: 0o600, flush: true })
  try {
    await (path.endsWith('.gz') ? pipeline(text, createGzip(), file) : pipeline(text, file))
    await rename(draft, path)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
  await syncDirectory(dirname(path))
  return tables.length
}

async function syncDirectory(path: string): Promise<void> {
  await using directory = await open(path, 'r')
  await directory.sync()
}

async function* pieces(
  source: ArchiveSource,
  header: Header,
  tables: readonly TableContent[],
): AsyncGenerator<Uint8Array> {
  const line = (text: string) => Buffer.from(`${text}\n`)
  yield line(firstLine)
  yield line(headerLine(header))
  for (const table of tables) {
    yield line(copyLine(table))
    yield* source.copyOut(table)
    yield line(endOfRows)
  }
  for (const { name, value } of await source.query(sequencesQuery)) {
    yield line(`SELECT pg_catalog.setval('${String(name)}', ${String(value)}, true);`)
  }
  yield line(lastLine)
}
