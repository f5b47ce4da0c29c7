import type { AppContext } from '../../context.js'
import { NodeInMaintenance } from '../../errors.js'
import type { Caller } from '../work/caller.js'
import type { ServiceArgs } from '../flows/service.js'
import { dropInfo } from '../node/internal-info.js'
import type { NodeIdent } from '../lock/reservation.js'
import { refuseDisallowed, tidySteps } from '../steps/validate.js'
import { withNode } from '../node/with-node.js'
import { accept } from './accept.js'
import { validatePowerAndNetwork, type StepsRequest } from './clean.js'

/**
 * Accepts servicing (docs/reference/conductor.md 8).
 * @throws NodeInMaintenance, InvalidParameterValue, Invalid (a forbidden step),
 *   InvalidStateRequested, NodeLocked
 */
export async function service(
  ctx: AppContext,
  caller: Caller,
  ident: NodeIdent,
  request: StepsRequest,
): Promise<void> {
  await withNode(
    ctx,
    caller,
    ident,
    { purpose: 'node service', priority: 'verb' },
    async (task) => {
      if (task.node.maintenance) throw new NodeInMaintenance('service', task.node.uuid)
      await validatePowerAndNetwork(task, 'servicing')
      refuseDisallowed(task, 'service', request.steps)
      accept(task, 'service', { callback: true, target: 'active' })
      dropInfo(task.node, ['service_step_index'])
      const disableRamdisk = request.disableRamdisk ?? false
      const args: ServiceArgs = { steps: tidySteps(request.steps), disableRamdisk }
      await task.spawn('service', args)
    },
  )
}
