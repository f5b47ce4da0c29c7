/** Backups of a PostgreSQL database, by COPY over one connection. */
import type { Readable, Writable } from 'node:stream'
import type postgres from 'postgres'
import { ferricVersion } from '../../installation.js'
import { migrate, readMigrations } from '../migrate.js'
import type { Database } from '../types.js'
import { columnList, tableName, type TableContent } from './format.js'
import { readArchive, readHeader } from './read.js'
import { writeArchive } from './write.js'

/**
 * Writes everything that the database holds to a file, as of one moment and while others work. The queue is left
 * out, because it is filled again from the tables.
 * @returns the number of tables
 */
export async function backup(database: Database, path: string): Promise<number> {
  await using connection = await database.connect()
  const snapshot = 'isolation level repeatable read read only'
  return await connection.sql.begin(snapshot, async (tx) =>
    writeArchive(
      {
        query: async (text) => await tx.unsafe(text),
        copyOut: (table) => copyOut(tx, table),
      },
      path,
      { ferric: ferricVersion(), createdAt: new Date().toISOString() },
    ),
  )
}

async function* copyOut(tx: postgres.TransactionSql, table: TableContent) {
  const text = `copy ${tableName(table)} (${columnList(table)}) to stdout`
  const rows: Readable = await tx.unsafe(text).readable()
  for await (const chunk of rows) yield chunk as Buffer
  // postgres.js pauses its socket when the stream's buffer is full and resumes it when the stream is read again,
  // which never happens when the last chunk filled the buffer: the next statement would wait forever.
  // oxlint-disable-next-line no-underscore-dangle -- the only way to the stream's own resume
  rows._read(0)
}

/**
 * Puts the content of a backup into an empty database and brings it up to this version. One transaction holds all
 * rows, so an interrupted restore leaves none.
 * @returns the number of rows by table
 * @throws Error when the database holds nodes already, or when a newer Ferric wrote the file
 */
export async function restore(
  database: Database,
  path: string,
  options: { readonly queue: boolean },
): Promise<ReadonlyMap<string, number>> {
  const { migration, ferric } = await readHeader(path)
  if (!(await readMigrations()).some(({ when }) => when === migration))
    throw new Error(
      `${path} was written by Ferric ${ferric}, whose schema this version does not know`,
    )
  await migrate(database, { queue: false, until: migration })
  const counts = await fill(database, path)
  await migrate(database, options)
  return counts
}

async function fill(database: Database, path: string): Promise<ReadonlyMap<string, number>> {
  await using connection = await database.connect()
  return await connection.sql.begin(async (tx) => {
    // Foreign keys are checked by triggers, which this role of the session switches off.
    await tx.unsafe(`set local session_replication_role = replica`)
    await tx.unsafe(`set local search_path to public`)
    await refuseContent(tx)
    const copyIn = async (table: TableContent): Promise<Writable> =>
      await tx.unsafe(`copy ${tableName(table)} (${columnList(table)}) from stdin`).writable()
    const execute = async (text: string): Promise<void> => {
      await tx.unsafe(text)
    }
    return await readArchive(path, { execute, copyIn })
  })
}

/** The lock keeps a running Ferric from adding nodes before the rows are in. */
async function refuseContent(tx: postgres.TransactionSql): Promise<void> {
  await tx.unsafe('lock table nodes in exclusive mode')
  const [row] = await tx.unsafe('select count(*)::int as n from nodes')
  const nodes = Number(row?.['n'])
  if (nodes > 0) throw new Error(`the database holds ${nodes} nodes; restore into an empty one`)
  await tx.unsafe('truncate ferric_processes, conductors cascade')
}
