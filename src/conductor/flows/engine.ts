import { errorText } from '../../error-text.js'
import type { JsonObject } from '../../db/columns.js'
import type { Step } from '../../drivers/interfaces.js'
import { AgentConnectionFailed, AgentInProgress, Invalid } from '../../errors.js'
import { dropInfo, infoOf, popInfo, setInfo } from '../node/internal-info.js'
import type { NodeTask } from '../node/task.js'
import { ReservationLost } from '../node/writes.js'
import { stepId } from '../steps/collect.js'
import { errorClass } from '../node/text.js'
import { executeStep, type Executed } from './execute.js'
import { recordAborted } from './records.js'
import type { StepFlow } from './types.js'

/**
 * The one engine of steps. The list and the cursor stand in `driver_internal_info` and are written
 * before each step, so a flow goes on at its step in whatever process comes next.
 */

export function stepsOf(task: NodeTask, flow: StepFlow): Step[] {
  const steps = infoOf(task.node)[`${flow.kind}_steps`]
  return Array.isArray(steps) ? (steps as Step[]) : []
}

/** Index of the step that was begun last, or null before the first. */
export function cursorOf(task: NodeTask, flow: StepFlow): number | null {
  const index = infoOf(task.node)[`${flow.kind}_step_index`]
  return typeof index === 'number' ? index : null
}

/**
 * Runs the steps from an index (null: there are none left) until one must wait or all are done.
 * Errors end in the flow's failure state; only the end of this process gets out.
 */
export async function runSteps(task: NodeTask, flow: StepFlow, from: number | null): Promise<void> {
  try {
    await run(task, flow, from)
  } catch (error) {
    if (task.signal.aborted || error instanceof ReservationLost) throw error
    const what = `Unexpected error when processing next ${flow.kind} step`
    await flow.fail(task, `${what}. ${errorClass(error)}: ${errorText(error)}`)
  }
}

async function run(task: NodeTask, flow: StepFlow, from: number | null): Promise<void> {
  if (from !== null) {
    for (let index = from; index < stepsOf(task, flow).length; index++) {
      task.signal.throwIfAborted()
      if ((await runOne(task, flow, index)) === 'stop') return
      if ((await flow.afterStep?.(task)) === false) return
    }
  }
  await flow.complete(task)
}

async function runOne(task: NodeTask, flow: StepFlow, index: number): Promise<'next' | 'stop'> {
  const step = stepsOf(task, flow)[index]!
  if (cursorOf(task, flow) !== index) task.advance()
  task.node[flow.column] = step
  setInfo(task.node, { [`${flow.kind}_step_index`]: index })
  dropInfo(task.node, [`${flow.gerund}_polling`])
  await task.save()
  let result: Executed
  try {
    result = await told(task, flow, step, index)
  } catch (error) {
    if (task.signal.aborted || error instanceof ReservationLost) throw error
    await stepThrew(task, flow, step, error)
    return 'stop'
  }
  return await stepReturned(task, flow, step, result)
}

/** Runs a step, with its beginning and its end in the node's timeline. */
async function told(task: NodeTask, flow: StepFlow, step: Step, index: number): Promise<Executed> {
  const name = `${flow.kind} step ${stepId(step)}`
  const place = { flow: flow.kind, step: step.step, interface: step.interface, index }
  task.tell('step', `begins ${name}`, { ...place, attempt: task.attempt })
  const begun = task.ctx.clock.now().getTime()
  const ended = (what: string, detail: JsonObject) => {
    const ms = task.ctx.clock.now().getTime() - begun
    task.tell('step', `${name} ${what}`, { ...place, ...detail, ms })
  }
  try {
    const result = await executeStep(task, flow, step)
    if (result === undefined) ended('is done', { outcome: 'done' })
    else ended(`returned ${result}`, { outcome: result })
    return result
  } catch (error) {
    ended(`failed: ${errorText(error)}`, { outcome: 'failed' })
    throw error
  }
}

async function stepReturned(
  task: NodeTask,
  flow: StepFlow,
  step: Step,
  result: Executed,
): Promise<'next' | 'stop'> {
  if (result === 'hold' || task.node.provisionState === flow.failed) return 'stop'
  if (result === undefined) return 'next'
  if (result === flow.waiting) waitForMachine(task, flow)
  else await flow.fail(task, flow.invalidResult(task, step, result))
  return 'stop'
}

async function stepThrew(
  task: NodeTask,
  flow: StepFlow,
  step: Step,
  error: unknown,
): Promise<void> {
  if (mustWait(task, flow, error)) {
    setInfo(task.node, { [`skip_current_${flow.kind}_step`]: false })
    return waitForMachine(task, flow)
  }
  recordAborted(task, flow.name(task), step, stepsOf(task, flow))
  if (task.node.provisionState === flow.failed) return
  if ((await flow.failStep?.(task, step, error)) === true) return
  await flow.fail(task, flow.stepFailed(task, step, error))
}

/** The agent is busy, or is booting because the flow itself had it rebooted. */
function mustWait(task: NodeTask, flow: StepFlow, error: unknown): boolean {
  if (error instanceof AgentInProgress) return true
  if (!(error instanceof AgentConnectionFailed)) return false
  const info = infoOf(task.node)
  if (info[`${flow.gerund}_reboot`]) return true
  return flow.waitsWithoutAgent && !info['agent_url']
}

/** Leaves the node waiting for a heartbeat or for the driver. */
export function waitForMachine(task: NodeTask, flow: StepFlow): void {
  if (task.node.provisionState === flow.waiting) return
  const target = flow.target(task)
  task.transition('wait', target === undefined ? {} : { target })
}

/**
 * Goes on with a flow whose asynchronous step is over: the node leaves its wait state, and a task
 * takes the reservation over.
 * @throws Invalid when the flow is not under way
 */
export async function continueFlow(task: NodeTask, flow: StepFlow): Promise<void> {
  const { node } = task
  if (node.provisionState !== flow.waiting && node.provisionState !== flow.running) {
    throw new Invalid(
      `Cannot continue ${flow.running} on ${node.uuid}. Node is in ${node.provisionState} state; should be in one of ${flow.waiting}, ${flow.running}`,
    )
  }
  if (node.provisionState === flow.waiting) {
    const target = flow.target(task)
    task.transition('resume', target === undefined ? {} : { target })
  }
  const repeat = popInfo(node, `skip_current_${flow.kind}_step`) === false
  dropInfo(node, [`${flow.gerund}_polling`])
  await task.spawn(`${flow.kind}-steps`, { cursor: cursorOf(task, flow), repeat })
}

/** The background half of `continueFlow`; begun again after a crash it goes on where it was. */
export async function continueSteps(
  task: NodeTask,
  flow: StepFlow,
  args: JsonObject,
): Promise<void> {
  const begun = typeof args['cursor'] === 'number' ? args['cursor'] : null
  const now = cursorOf(task, flow)
  if (now !== null && now !== begun) return await runSteps(task, flow, now)
  if (!(await flow.beforeContinue(task))) return
  const next = nextIndex(task, flow, args['repeat'] === true)
  if (task.node[flow.column]?.['abort_after'] === true) return await flow.aborted(task)
  await runSteps(task, flow, next)
}

function nextIndex(task: NodeTask, flow: StepFlow, repeat: boolean): number | null {
  const current = task.node[flow.column]
  if (current === null || Object.keys(current).length === 0) return 0
  const index = cursorOf(task, flow)
  if (index === null) return null
  const next = repeat ? index : index + 1
  return next >= stepsOf(task, flow).length ? null : next
}
