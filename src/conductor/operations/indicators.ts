import type { AppContext } from '../../context.js'
import type { IndicatorInfo } from '../../drivers/interfaces.js'
import { unsupported } from '../../drivers/support.js'
import type { Caller } from '../work/caller.js'
import { withNode } from '../node/with-node.js'

/** Component to indicator to what it can do. */
export type Indicators = Record<string, Record<string, IndicatorInfo>>

/**
 * The indicators of a node, of all components or one.
 * @throws Invalid when the driver has none
 */
export async function getSupportedIndicators(
  ctx: AppContext,
  caller: Caller,
  nodeUuid: string,
  component?: string,
): Promise<Indicators> {
  const options = { purpose: 'getting supported indicators', shared: true }
  return await withNode(ctx, caller, nodeUuid, options, async (task) => {
    const { management } = task.driver
    if (management.supportedIndicators === undefined) {
      throw unsupported(task, 'get_supported_indicators')
    }
    return await management.supportedIndicators(task, component)
  })
}

/**
 * The state of an indicator: `on`, `off`, `blinking` or `unknown`.
 * @throws NodeLocked, Invalid for a component or indicator that does not exist
 */
export async function getIndicatorState(
  ctx: AppContext,
  caller: Caller,
  nodeUuid: string,
  component: string,
  indicator: string,
): Promise<string> {
  const options = { purpose: 'getting indicators states' }
  return await withNode(ctx, caller, nodeUuid, options, async (task) => {
    const { management } = task.driver
    await management.validate(task)
    if (management.getIndicatorState === undefined) throw unsupported(task, 'get_indicator_state')
    return await management.getIndicatorState(task, component, indicator)
  })
}

/**
 * Switches an indicator.
 * @throws NodeLocked, Invalid
 */
export async function setIndicatorState(
  ctx: AppContext,
  caller: Caller,
  nodeUuid: string,
  component: string,
  indicator: string,
  state: string,
): Promise<void> {
  const options = { purpose: 'setting indicator state' }
  await withNode(ctx, caller, nodeUuid, options, async (task) => {
    const { management } = task.driver
    await management.validate(task)
    if (management.setIndicatorState === undefined) throw unsupported(task, 'set_indicator_state')
    await management.setIndicatorState(task, component, indicator, state)
  })
}
