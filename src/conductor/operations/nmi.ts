import type { AppContext } from '../../context.js'
import { unsupported } from '../../drivers/support.js'
import type { Caller } from '../work/caller.js'
import { withNode } from '../node/with-node.js'

/**
 * Interrupts a node's processor, so that its system dumps.
 * @throws NodeLocked, Invalid
 */
export async function injectNmi(ctx: AppContext, caller: Caller, nodeUuid: string): Promise<void> {
  await withNode(ctx, caller, nodeUuid, { purpose: 'inject nmi' }, async (task) => {
    const { management } = task.driver
    await management.validate(task)
    if (management.injectNmi === undefined) throw unsupported(task, 'inject_nmi')
    await management.injectNmi(task)
  })
}
