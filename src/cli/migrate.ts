import { openDatabase } from '../db/client.js'
import { migrate } from '../db/migrate.js'
import type { CommandInput } from './command.js'
import { exitCodes } from './exit-codes.js'

/** `ferric migrate`. */
export async function migrateCommand({ loaded, log, terminal }: CommandInput): Promise<number> {
  const { config } = loaded
  await using database = await openDatabase(config, log.db)
  const applied = await migrate(database, { queue: config.ferric.queue_url === null })
  const done = applied === 0 ? 'nothing to do' : `${applied} migrations applied`
  terminal.out(`${database.description}: ${done}\n`)
  return exitCodes.ok
}
