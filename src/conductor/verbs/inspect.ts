import type { AppContext } from '../../context.js'
import type { Caller } from '../work/caller.js'
import type { NodeIdent } from '../lock/reservation.js'
import { withNode } from '../node/with-node.js'
import { accept } from './accept.js'

/**
 * Accepts inspection (docs/reference/conductor.md 13.1).
 * @throws what power and inspect validation say, InvalidStateRequested, NodeLocked
 */
export async function inspect(ctx: AppContext, caller: Caller, ident: NodeIdent): Promise<void> {
  await withNode(
    ctx,
    caller,
    ident,
    { purpose: 'hardware inspection', priority: 'verb' },
    async (task) => {
      await task.driver.power.validate(task)
      await task.driver.inspect.validate(task)
      accept(task, 'inspect', { callback: true })
      await task.spawn('inspect')
    },
  )
}
