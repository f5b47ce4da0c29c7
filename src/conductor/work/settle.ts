import type { AppContext } from '../../context.js'
import { databaseFault } from '../../errors.js'
import { ReservationLost } from '../node/writes.js'

const longestWait = 15_000

/**
 * Writes the end of some work, however long the database is away: without it a node would stay
 * reserved by a process that does nothing with it.
 * @throws what no patience helps against: the reservation is another's, the values cannot be stored
 */
export async function settle(
  ctx: AppContext,
  write: () => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  for (let wait = 250; ; wait = Math.min(wait * 2, longestWait)) {
    try {
      return await write()
    } catch (error) {
      if (error instanceof ReservationLost || signal?.aborted) throw error
      if (databaseFault(error)?.code.startsWith('22')) throw error
      ctx.log.conductor.error({ error }, 'the end of some work could not be written; trying again')
      await ctx.clock.sleep(wait, signal)
    }
  }
}
