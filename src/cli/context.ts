import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { systemClock } from '../clock.js'
import { openQueue } from '../conductor/work/queue/bullmq.js'
import type { Config } from '../config/index.js'
import type { AppContext } from '../context.js'
import { openDatabase } from '../db/client.js'
import { migrate } from '../db/migrate.js'
import type { Database } from '../db/types.js'
import { createDriverRegistry } from '../drivers/registry.js'
import type { Loggers } from '../log/logger.js'
import { Services } from '../services.js'

export interface OpenContext {
  readonly ctx: AppContext
  close(): Promise<void>
}

/**
 * Opens everything the roles share: the database, brought up to this version, the queue and the
 * drivers.
 * @throws Error when one of them cannot be opened; what was open is closed again
 */
export async function openContext(config: Config, log: Loggers): Promise<OpenContext> {
  const db = await openDatabase(config, log.db)
  try {
    return await openRest(config, log, db)
  } catch (error) {
    await db.close()
    throw error
  }
}

async function openRest(config: Config, log: Loggers, db: Database): Promise<OpenContext> {
  const applied = await migrate(db, { queue: config.ferric.queue_url === null })
  if (applied > 0) log.db.info({ applied }, 'migrated the database')
  const drivers = await createDriverRegistry(config, log.drivers)
  const queue = await openQueue(config, db, log.queue)
  const host = config.DEFAULT.host ?? hostname()
  const services = new Services(log)
  const process = { processId: randomUUID(), host, services }
  const ctx = { config, clock: systemClock, log, db, queue, drivers, ...process }
  return {
    ctx,
    close: async () => {
      await queue.close()
      await services.close()
      await db.close()
    },
  }
}
