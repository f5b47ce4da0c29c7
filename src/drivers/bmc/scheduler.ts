import type { ProcessContext } from '../../process-context.js'
import { createBmcScheduler } from '../../protocols/bmc/scheduler.js'
import { service } from '../../services.js'
import { timelineFeed } from '../../timeline.js'
import { giveAllLeases } from './lease-rows.js'
import { bmcLeases } from './leases.js'

/**
 * The scheduler of this process. All work on BMCs goes through it, whatever the protocol.
 */
export const bmcScheduler = service({
  name: 'BMC scheduler',
  create: (ctx: ProcessContext) => {
    timelineFeed(ctx)
    return createBmcScheduler({ clock: ctx.clock, tenures: bmcLeases(ctx) })
  },
  close: async (_scheduler, ctx) => {
    await giveAllLeases(ctx)
  },
})
