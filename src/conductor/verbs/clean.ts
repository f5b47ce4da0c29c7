import type { AppContext } from '../../context.js'
import type { Step } from '../../drivers/interfaces.js'
import { Invalid, InvalidParameterValue, NodeInMaintenance } from '../../errors.js'
import type { Caller } from '../work/caller.js'
import type { CleanArgs } from '../flows/clean.js'
import { dropInfo } from '../node/internal-info.js'
import type { NodeTask } from '../node/task.js'
import type { NodeIdent } from '../lock/reservation.js'
import { refuseDisallowed, tidySteps } from '../steps/validate.js'
import { withNode } from '../node/with-node.js'
import { accept } from './accept.js'
import { checkConcurrency } from './limits.js'

export interface StepsRequest {
  readonly steps: readonly Step[]
  readonly disableRamdisk?: boolean
}

/**
 * Accepts manual cleaning (docs/reference/conductor.md 7.2).
 * @throws ConcurrentActionLimit, NodeInMaintenance, InvalidParameterValue, Invalid (a forbidden
 *   step), InvalidStateRequested, NodeLocked
 */
export async function clean(
  ctx: AppContext,
  caller: Caller,
  ident: NodeIdent,
  request: StepsRequest,
): Promise<void> {
  await checkConcurrency(ctx, 'cleaning')
  await withNode(
    ctx,
    caller,
    ident,
    { purpose: 'node manual cleaning', priority: 'verb' },
    async (task) => {
      if (task.node.maintenance) throw new NodeInMaintenance('cleaning', task.node.uuid)
      await validatePowerAndNetwork(task, 'cleaning')
      refuseDisallowed(task, 'clean', request.steps)
      accept(task, 'clean', { callback: true, target: 'manageable' }, 'manual clean')
      dropInfo(task.node, ['clean_step_index'])
      const args: CleanArgs = {
        steps: tidySteps(request.steps),
        disableRamdisk: request.disableRamdisk ?? false,
        manual: true,
      }
      await task.spawn('clean', args)
    },
  )
}

/** @throws InvalidParameterValue, naming what it was for */
export async function validatePowerAndNetwork(
  task: NodeTask,
  purpose: 'cleaning' | 'servicing',
): Promise<void> {
  try {
    await task.driver.power.validate(task)
    await task.driver.network.validate(task)
  } catch (error) {
    if (!(error instanceof Invalid)) throw error
    throw new InvalidParameterValue(
      `Validation of node ${task.node.uuid} for ${purpose} failed: ${error.message}`,
      error,
    )
  }
}
