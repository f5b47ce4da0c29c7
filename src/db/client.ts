import type { Config } from '../config/index.js'
import type { Logger } from '../logger.js'
import { openPglite } from './pglite.js'
import { openPostgres } from './postgres.js'
import type { Database } from './types.js'
import { databaseHome } from './url.js'

/**
 * Opens the database where `[database] connection` says. Does not migrate: see `migrate`.
 * @returns an open database; closing it twice is fine
 * @throws Error when the URL is not supported or the server cannot be reached, DirectoryInUse
 *   when another process has the embedded directory open
 */
export async function openDatabase(config: Config, log: Logger): Promise<Database> {
  const home = databaseHome(config.database.connection, config.DEFAULT.state_path)
  if (home.kind === 'pglite') return openPglite(home.directory)
  return openPostgres(home.url, config.database.max_pool_size, log)
}

/**
 * The rows of `orm.execute(…)`: PGlite answers with a result object, postgres.js with an array.
 * Build the query so that its columns are those of `T`.
 */
export function rowsOf<T>(result: unknown): T[] {
  if (Array.isArray(result)) return result as T[]
  return (result as { rows: T[] }).rows
}
