import type { Clock } from './clock.js'
import type { Config } from './config/index.js'
import type { Database } from './db/types.js'
import type { Loggers } from './log/logger.js'
import type { Services } from './services.js'

/**
 * What drivers, boot servers and images may use of the process. The layers above see an
 * `AppContext`, which adds the queue and the drivers.
 */
export interface ProcessContext {
  readonly config: Config
  readonly clock: Clock
  /** By subsystem: `ctx.log.bmc.warn({ error }, 'the BMC …')`. */
  readonly log: Loggers
  readonly db: Database
  /** This process: the key of its row in `ferric_processes`. */
  readonly processId: string
  /** `[DEFAULT] host`, or the host name: the conductor's name and the lock value. */
  readonly host: string
  /** What exists once in this process (`services.ts`). */
  readonly services: Services
}
