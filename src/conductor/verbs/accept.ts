import { InvalidStateRequested } from '../../errors.js'
import { isActionable, type TransitionOptions } from '../state/machine.js'
import type { NodeTask } from '../node/task.js'
import type { Event } from '../state/states.js'

/** @throws InvalidStateRequested when the node's state does not allow the event */
export function refuseUnless(task: NodeTask, event: Event, action: string = event): void {
  const { uuid, provisionState } = task.node
  if (isActionable(provisionState, event)) return
  throw new InvalidStateRequested(action, uuid, provisionState)
}

/**
 * Moves a node for a client's verb.
 * @param action how the refusal names the verb
 * @throws InvalidStateRequested when the node's state does not allow it
 */
export function accept(
  task: NodeTask,
  event: Event,
  options: TransitionOptions = {},
  action: string = event,
): void {
  refuseUnless(task, event, action)
  task.transition(event, options)
}
