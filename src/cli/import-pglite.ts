import { existsSync } from 'node:fs'
import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { archivePglite } from '../db/archive/pglite.js'
import { restore } from '../db/archive/postgres.js'
import { openDatabase } from '../db/client.js'
import { databaseHome } from '../db/url.js'
import type { CommandInput } from './command.js'
import { exitCodes } from './exit-codes.js'

/**
 * `ferric import-pglite`: moves the database of Ferric 0.1 into the embedded PostgreSQL. Each part may be repeated:
 * the old directory is set aside first and never written to, and the rows arrive in one transaction.
 */
export async function importPgliteCommand({
  loaded,
  log,
  terminal,
}: CommandInput): Promise<number> {
  const { config } = loaded
  const home = databaseHome(config.database.connection, config.DEFAULT.state_path)
  if (home.kind !== 'embedded')
    throw new Error('[database] connection names a server, not the embedded database')
  const old = `${home.directory}.pglite`
  if (existsSync(join(home.directory, 'PG_VERSION'))) await rename(home.directory, old)
  if (!existsSync(old))
    throw new Error(`there is no PGlite database in ${home.directory} or ${old}`)
  const file = `${old}.backup.gz`
  const tables = await archivePglite(old, file)
  terminal.out(`${file}: ${tables} tables of ${old}\n`)
  await using database = await openDatabase(config, log.db)
  const counts = await restore(database, file, { queue: config.ferric.queue_url === null })
  terminal.out(
    `${database.description}: ${counts.get('nodes') ?? 0} nodes. ${old} is no longer needed.\n`,
  )
  return exitCodes.ok
}
