import type { Step } from '../../drivers/interfaces.js'
import { pythonRepr } from '../../python/repr.js'
import type { NodeTask } from '../node/task.js'
import { maskSteps } from '../node/text.js'

/** History rows at the start and the end of a flow (docs/reference/conductor.md 1.4). */

export type FlowName = 'manual cleaning' | 'automated cleaning' | 'deployment' | 'servicing'

const typeOf = (flow: FlowName): string => flow.replace(' ', '_')
const titleOf = (flow: FlowName): string => flow.replace(/\b[a-z]/g, (c) => c.toUpperCase())

export function recordStart(task: NodeTask, flow: FlowName, steps: readonly Step[]): void {
  record(task, 'INFO', `${typeOf(flow)}_start`, `Starting ${flow} with steps=${listed(steps)}`)
}

export function recordEnd(task: NodeTask, flow: FlowName, steps: readonly Step[]): void {
  const text = `${titleOf(flow)} completed successfully with steps=${listed(steps)}`
  record(task, 'INFO', `${typeOf(flow)}_end`, text)
}

export function recordAborted(
  task: NodeTask,
  flow: FlowName,
  step: Step,
  steps: readonly Step[],
): void {
  const text = `${titleOf(flow)} aborted at step '${step.step}' with steps=${listed(steps)}`
  record(task, 'ERROR', `${typeOf(flow)}_end`, text)
}

const listed = (steps: readonly Step[]): string => pythonRepr(maskSteps(steps))

function record(task: NodeTask, severity: 'INFO' | 'ERROR', eventType: string, event: string) {
  const options = task.ctx.config.conductor
  if (options.log_step_flows_to_syslog) {
    const level = severity === 'ERROR' ? 'warn' : 'info'
    task.ctx.log.conductor[level]({ node: task.node.uuid }, event)
  }
  if (!options.record_step_flows_in_history) return
  if (severity === 'ERROR') task.recordError(event, eventType)
  else task.history({ event, eventType, severity })
}
