import type { Clock } from './clock.js'
import type { Config } from './config/index.js'
import type { TaskQueue } from './conductor/work/queue/types.js'
import type { Database } from './db/types.js'
import type { DriverRegistry } from './drivers/registry.js'
import type { Logger } from './logger.js'

/** What every role shares. Built once by `src/cli`, with parts replaced in tests. */
export interface AppContext {
  readonly config: Config
  readonly clock: Clock
  readonly log: Logger
  readonly db: Database
  readonly queue: TaskQueue
  readonly drivers: DriverRegistry
  /** This process: the key of its row in `ferric_processes`. */
  readonly processId: string
  /** `[DEFAULT] host`, or the host name: the conductor's name and the lock value. */
  readonly host: string
}
