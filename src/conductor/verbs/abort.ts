import type { JsonObject } from '../../db/columns.js'
import { InvalidState } from '../../errors.js'
import { abortedText } from '../flows/deploy.js'
import { abortInspection } from '../flows/inspect.js'
import { removeRescuePassword } from '../flows/rescue.js'
import { dropInfo } from '../node/internal-info.js'
import type { NodeTask } from '../node/task.js'
import { holdStates } from '../state/states.js'

/** Abort, by the state the node is in (docs/reference/conductor.md 10). Each ends with its work begun or done. */
const aborts: Readonly<Record<string, (task: NodeTask) => Promise<void>>> = {
  'clean wait': abortCleaning,
  'clean hold': abortCleaning,
  'service wait': abortServicing,
  'service hold': abortServicing,
  'service failed': abortFailedService,
  'wait call-back': abortDeployment,
  'deploy hold': abortHeldDeployment,
  'rescue wait': abortRescue,
  'inspect wait': abortInspection,
}

/** How to abort in a state, or null where abort is a plain event. */
export function abortIn(state: string): ((task: NodeTask) => Promise<void>) | null {
  return aborts[state] ?? null
}

const isStep = (step: JsonObject | null): step is JsonObject =>
  step !== null && Object.keys(step).length > 0

/** A step that may not be interrupted is followed by the abort instead; in a hold none runs. */
async function afterStep(
  task: NodeTask,
  column: 'cleanStep' | 'deployStep' | 'serviceStep',
): Promise<boolean> {
  if (holdStates.has(task.node.provisionState)) return false
  const step = task.node[column]
  if (!isStep(step) || step['abortable'] === true) return false
  task.node[column] = { ...step, abort_after: true }
  await task.save()
  return true
}

async function abortCleaning(task: NodeTask): Promise<void> {
  if (await afterStep(task, 'cleanStep')) return
  const { node } = task
  const lastError = abortedText('clean', node.cleanStep)
  const manual = node.targetProvisionState === 'manageable'
  const target = manual ? { target: 'manageable' as const } : {}
  task.transition('abort', { callback: true, lastError, ...target })
  await task.spawn('clean-abort')
}

async function abortServicing(task: NodeTask): Promise<void> {
  if (await afterStep(task, 'serviceStep')) return
  task.transition('fail')
  task.transition('abort', { callback: true })
  await task.spawn('service-abort')
}

async function abortFailedService(task: NodeTask): Promise<void> {
  if (task.node.maintenance) {
    throw new InvalidState(
      `Can not abort service on node "${task.node.uuid}" while it is in maintenance mode. Please remove the node from maintenance prior to issuing the request to abort the service operation.`,
    )
  }
  task.transition('abort', { callback: true })
  await task.spawn('service-abort')
}

async function abortDeployment(task: NodeTask): Promise<void> {
  if (await afterStep(task, 'deployStep')) return
  dropInfo(task.node, ['agent_url'])
  task.transition('abort', { callback: true })
  await task.spawn('deploy-abort')
}

async function abortHeldDeployment(task: NodeTask): Promise<void> {
  const from = task.node.provisionState
  dropInfo(task.node, ['agent_url'])
  task.transition('abort', { callback: true })
  await task.spawn('tear-down', { from })
}

async function abortRescue(task: NodeTask): Promise<void> {
  removeRescuePassword(task)
  task.transition('abort', { callback: true })
  await task.spawn('rescue-abort')
}
