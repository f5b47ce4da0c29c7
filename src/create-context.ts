import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { systemClock, type Clock } from './clock.js'
import { openQueue } from './conductor/queue/bullmq.js'
import type { Config } from './config/index.js'
import type { AppContext } from './context.js'
import { openDatabase } from './db/client.js'
import { migrate } from './db/migrate.js'
import { createDriverRegistry } from './drivers/registry.js'
import type { Logger } from './logger.js'

export interface ContextOptions {
  readonly clock?: Clock
  /** Apply pending migrations first; on unless told otherwise. */
  readonly migrate?: boolean
}

/** An open context: closing it closes what it opened, last first. */
export interface OpenContext extends AppContext, AsyncDisposable {
  close(): Promise<void>
}

/**
 * Opens the database and the queue, and loads the drivers.
 * @throws Error naming what cannot be opened or enabled
 */
export async function createContext(
  config: Config,
  log: Logger,
  options: ContextOptions = {},
): Promise<OpenContext> {
  const drivers = await createDriverRegistry(config, log)
  const db = await openDatabase(config, log)
  try {
    if (options.migrate ?? true) await migrate(db, { queue: config.ferric.queue_url === null })
    const queue = await openQueue(config, db, log)
    const close = async () => {
      await queue.close()
      await db.close()
    }
    return {
      config,
      log,
      clock: options.clock ?? systemClock,
      db,
      queue,
      drivers,
      processId: randomUUID(),
      host: config.DEFAULT.host ?? hostname(),
      close,
      [Symbol.asyncDispose]: close,
    }
  } catch (e) {
    await db.close()
    throw e
  }
}
