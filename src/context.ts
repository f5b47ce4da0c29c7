import type { TaskQueue } from './conductor/work/queue/types.js'
import type { DriverRegistry } from './drivers/registry.js'
import type { ProcessContext } from './process-context.js'

/** What the API, the conductor and the CLI share. `src/cli` builds it once; tests replace parts. */
export interface AppContext extends ProcessContext {
  readonly queue: TaskQueue
  readonly drivers: DriverRegistry
}
