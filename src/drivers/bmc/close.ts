import type { ProcessContext } from '../../process-context.js'
import { closeIpmi } from '../ipmi/clients.js'
import { closeConsoles } from '../ipmi/console/consoles.js'
import { closeRedfish } from '../redfish/sessions.js'
import { giveAllLeases } from './lease-rows.js'

/** Ends what this process has open at BMCs: sessions are few there, and must not be left behind. */
export async function closeBmcs(ctx: ProcessContext): Promise<void> {
  await closeConsoles(ctx)
  await Promise.all([closeIpmi(ctx), closeRedfish(ctx)])
  if (ctx.db.kind === 'postgres') await giveAllLeases(ctx)
}
