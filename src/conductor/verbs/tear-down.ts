import type { AppContext } from '../../context.js'
import { Invalid, NodeProtected } from '../../errors.js'
import type { Caller } from '../work/caller.js'
import { dropInfo } from '../node/internal-info.js'
import type { NodeIdent } from '../lock/reservation.js'
import { withNode } from '../node/with-node.js'
import { accept } from './accept.js'
import { InstanceDeployFailure } from './errors.js'
import { checkConcurrency } from './limits.js'

/**
 * Accepts the removal of an instance (docs/reference/conductor.md 6).
 * @throws ConcurrentActionLimit, NodeProtected, InstanceDeployFailure (500) when the power interface
 *   is not valid, InvalidStateRequested, NodeLocked
 */
export async function tearDown(ctx: AppContext, caller: Caller, ident: NodeIdent): Promise<void> {
  await checkConcurrency(ctx, 'unprovisioning')
  await withNode(
    ctx,
    caller,
    ident,
    { purpose: 'node tear down', priority: 'verb' },
    async (task) => {
      const { node } = task
      dropInfo(node, ['agent_url', 'clean_step_index'])
      if (node.protected) throw new NodeProtected(node.uuid)
      try {
        await task.driver.power.validate(task)
      } catch (error) {
        if (!(error instanceof Invalid)) throw error
        throw new InstanceDeployFailure(
          `Failed to validate power driver interface. Can not delete instance. Error: ${error.message}`,
          500,
          error,
        )
      }
      const from = node.provisionState
      accept(task, 'delete', { callback: true })
      await task.spawn('tear-down', { from })
    },
  )
}
