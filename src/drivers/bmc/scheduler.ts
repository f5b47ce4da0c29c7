import type { AppContext } from '../../context.js'
import { createBmcScheduler, type BmcScheduler } from '../../protocols/bmc/scheduler.js'

const schedulers = new WeakMap<AppContext, BmcScheduler>()

/** The scheduler of this process: all work on BMCs goes through it, whatever the protocol. */
export function bmcScheduler(ctx: AppContext): BmcScheduler {
  const known = schedulers.get(ctx)
  if (known !== undefined) return known
  const scheduler = createBmcScheduler({ clock: ctx.clock })
  schedulers.set(ctx, scheduler)
  return scheduler
}
