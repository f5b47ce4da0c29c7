import type { ProcessContext } from '../../process-context.js'
import { createBmcScheduler, type BmcScheduler } from '../../protocols/bmc/scheduler.js'
import { bmcLeases } from './leases.js'

const schedulers = new WeakMap<ProcessContext, BmcScheduler>()

/**
 * The scheduler of this process: all work on BMCs goes through it, whatever the protocol. Only the
 * embedded database has no other process beside this one.
 */
export function bmcScheduler(ctx: ProcessContext): BmcScheduler {
  const known = schedulers.get(ctx)
  if (known !== undefined) return known
  const tenures = ctx.db.kind === 'pglite' ? undefined : bmcLeases(ctx)
  const scheduler = createBmcScheduler({ clock: ctx.clock, tenures })
  schedulers.set(ctx, scheduler)
  return scheduler
}

/** Takes this scheduler instead: where it is known that no other process speaks to the BMCs. */
export function setBmcScheduler(ctx: ProcessContext, scheduler: BmcScheduler): void {
  schedulers.set(ctx, scheduler)
}
