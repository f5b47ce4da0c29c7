import { backup, restore } from '../db/archive/postgres.js'
import { openDatabase } from '../db/client.js'
import type { CommandInput } from './command.js'
import { exitCodes } from './exit-codes.js'

/** `ferric backup FILE`: joins the running server, or starts it for as long as this takes. */
export async function backupCommand(input: CommandInput): Promise<number> {
  const { loaded, log, terminal, file = '' } = input
  await using database = await openDatabase(loaded.config, log.db)
  const tables = await backup(database, file)
  terminal.out(`${file}: ${tables} tables of ${database.description}\n`)
  return exitCodes.ok
}

/** `ferric restore FILE`: into a database without nodes. */
export async function restoreCommand(input: CommandInput): Promise<number> {
  const { loaded, log, terminal, file = '' } = input
  const { config } = loaded
  await using database = await openDatabase(config, log.db)
  const counts = await restore(database, file, { queue: config.ferric.queue_url === null })
  const rows = [...counts.values()].reduce((sum, n) => sum + n, 0)
  terminal.out(`${database.description}: ${rows} rows in ${counts.size} tables\n`)
  return exitCodes.ok
}
