import type { ProcessContext } from '../../process-context.js'
import { createBmcScheduler } from '../../protocols/bmc/scheduler.js'
import { service } from '../../services.js'
import { timelineFeed } from '../../timeline.js'
import { giveAllLeases } from './lease-rows.js'
import { bmcLeases } from './leases.js'

/**
 * The scheduler of this process. All work on BMCs goes through it, whatever the protocol. It takes
 * leases only on a server, because the embedded database has no other process.
 */
export const bmcScheduler = service({
  name: 'BMC scheduler',
  create: (ctx: ProcessContext) => {
    timelineFeed(ctx)
    const tenures = ctx.db.kind === 'pglite' ? undefined : bmcLeases(ctx)
    return createBmcScheduler({ clock: ctx.clock, tenures })
  },
  close: async (_scheduler, ctx) => {
    if (ctx.db.kind === 'postgres') await giveAllLeases(ctx)
  },
})
