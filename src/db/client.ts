import type { Config } from '../config/index.js'
import type { Logger } from '../log/logger.js'
import { openEmbedded } from './embedded/open.js'
import { openPostgres } from './postgres.js'
import type { Database } from './types.js'
import { databaseHome } from './url.js'

/**
 * Opens the database where `[database] connection` says. Does not migrate: see `migrate`.
 * @returns an open database; closing it twice is fine
 * @throws Error when the URL is not supported or the server cannot be reached or started
 */
export async function openDatabase(config: Config, log: Logger): Promise<Database> {
  const home = databaseHome(config.database.connection, config.DEFAULT.state_path)
  const max = config.database.max_pool_size
  if (home.kind === 'postgres') return await openPostgres(home.url, max, log)
  const user = config.ferric.postgres_user
  return await openEmbedded({ directory: home.directory, user, max }, log)
}
