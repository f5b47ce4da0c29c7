import { errorText } from '../../error-text.js'
import { IronicError } from '../../errors.js'
import { dropInfo, wipeTokenAndUrl } from '../node/internal-info.js'
import { isActionable } from '../state/machine.js'
import type { NodeTask } from '../node/task.js'
import { faults } from '../state/states.js'

/** Rescue and unrescue (docs/reference/conductor.md 9.4, 9.5). */

/** The passwords leave the node with the operation they were for. */
export function removeRescuePassword(task: NodeTask): void {
  const {
    rescue_password: _plain,
    hashed_rescue_password: _hashed,
    ...rest
  } = task.node.instanceInfo ?? {}
  task.node.instanceInfo = rest
}

export async function runRescue(task: NodeTask): Promise<void> {
  let state: string
  try {
    state = await task.driver.rescue.rescue(task)
  } catch (error) {
    if (task.signal.aborted) throw error
    removeRescuePassword(task)
    return failed(task, 'Failed to rescue', error)
  }
  if (state === 'rescue wait') task.transition('wait')
  else if (state === 'rescue') task.transition('done')
  else {
    removeRescuePassword(task)
    const text = `Failed to rescue: Driver returned unexpected state ${state}`
    task.fail(text, { eventType: 'rescue' })
  }
}

export async function runUnrescue(task: NodeTask): Promise<void> {
  let state: string
  try {
    state = await task.driver.rescue.unrescue(task)
  } catch (error) {
    if (task.signal.aborted) throw error
    return failed(task, 'Failed to unrescue', error)
  }
  wipeTokenAndUrl(task.node)
  if (state === 'active') return task.transition('done')
  const text = `Failed to unrescue: Driver returned unexpected state ${state}`
  task.fail(text, { eventType: 'rescue' })
}

function failed(task: NodeTask, what: string, error: unknown): void {
  const how = error instanceof IronicError ? ': ' : '. Exception: '
  task.fail(what + how + errorText(error), { eventType: 'rescue' })
}

/** After an abort: the node is in rescue failed. */
export async function runRescueAbort(task: NodeTask): Promise<void> {
  try {
    await task.driver.rescue.cleanUp(task)
  } catch (error) {
    task.ctx.log.conductor.error({ error, node: task.node.uuid }, 'clean-up after an abort failed')
    const text = 'Failed to clean up rescue after aborting the operation'
    task.recordError(text, 'rescue')
    const fault = faults.rescueAbort
    Object.assign(task.node, { maintenance: true, maintenanceReason: text, fault })
    return
  }
  const event = 'By request, the rescue operation was aborted.'
  task.history({ event, eventType: 'rescue', severity: 'INFO' })
  dropInfo(task.node, ['agent_url'])
}

/** The rescue error handler: power off, clean up, and `fail` where the node is not there yet. */
export async function failRescue(task: NodeTask, message: string): Promise<void> {
  try {
    await task.powerAction('power off')
    await task.driver.rescue.cleanUp(task)
    task.recordError(message, 'rescue')
  } catch (error) {
    if (task.signal.aborted) throw error
    const text =
      error instanceof IronicError
        ? `Rescue operation was unsuccessful, clean up failed for node: ${error.message}`
        : `Rescue failed, but an unhandled exception was encountered while aborting: ${errorText(error)}`
    task.recordError(text, 'rescue')
  }
  dropInfo(task.node, ['agent_url'])
  if (isActionable(task.node.provisionState, 'fail')) task.transition('fail')
}
