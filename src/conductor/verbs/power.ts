import type { AppContext } from '../../context.js'
import type { PowerTarget } from '../../drivers/interfaces.js'
import { InvalidParameterValue } from '../../errors.js'
import type { Caller } from '../work/caller.js'
import type { NodeIdent } from '../lock/reservation.js'
import { storedPowerTarget } from '../state/states.js'
import { withNode } from '../node/with-node.js'

const softTargets = new Set<PowerTarget>(['soft rebooting', 'soft power off'])

/**
 * Accepts a power change; the work follows in the background.
 * @param timeoutSeconds null: the default of soft changes, none for the others
 * @throws InvalidParameterValue when the driver cannot do it; NodeLocked, and what validate throws
 */
export async function changePowerState(
  ctx: AppContext,
  caller: Caller,
  ident: NodeIdent,
  target: PowerTarget,
  timeoutSeconds: number | null,
): Promise<void> {
  const purpose = 'changing node power state'
  await withNode(ctx, caller, ident, { purpose, priority: 'verb' }, async (task) => {
    await task.driver.power.validate(task)
    if (!task.driver.power.supportedPowerStates(task).includes(target)) {
      throw new InvalidParameterValue(
        `The driver ${task.node.driver ?? ''} does not support the power state, ${target}`,
      )
    }
    const soft = softTargets.has(target)
    const timeout = timeoutSeconds ?? (soft ? ctx.config.conductor.soft_power_off_timeout : null)
    task.node.targetPowerState = storedPowerTarget[target]
    task.node.lastError = null
    await task.spawn('power', { target, timeout })
  })
}
