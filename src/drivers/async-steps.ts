import type { StepResult, Task } from './interfaces.js'
import { dropInfo, infoOf, setInfo } from './internal-info.js'

/**
 * What a step leaves behind that goes on after it returned: flags for the flow and its state to
 * wait in (`ironic/conductor/steps.py`, `async_steps`).
 */
interface Flow {
  readonly gerund: 'cleaning' | 'deployment' | 'servicing'
  readonly kind: 'clean' | 'deploy' | 'service'
  readonly waiting: Exclude<StepResult, undefined>
  readonly ramdiskFlag?: string
}
const clean: Flow = {
  gerund: 'cleaning',
  kind: 'clean',
  waiting: 'clean wait',
  ramdiskFlag: 'cleaning_disable_ramdisk',
}
const service: Flow = {
  gerund: 'servicing',
  kind: 'service',
  waiting: 'service wait',
  ramdiskFlag: 'service_disable_ramdisk',
}
const deploy: Flow = { gerund: 'deployment', kind: 'deploy', waiting: 'wait call-back' }

const flows: Readonly<Record<string, Flow>> = {
  cleaning: clean,
  'clean wait': clean,
  servicing: service,
  'service wait': service,
}
const flowOf = (task: Pick<Task, 'node'>): Flow => flows[task.node.provisionState] ?? deploy

/** The states in which flows wait for their steps. */
export const waitStates: readonly string[] = [clean.waiting, deploy.waiting, service.waiting]

/** Whether the flow runs without the agent's ramdisk. */
export function withoutRamdisk(task: Pick<Task, 'node'>): boolean {
  const { ramdiskFlag } = flowOf(task)
  return ramdiskFlag !== undefined && infoOf(task.node)[ramdiskFlag] === true
}

export interface AsyncFlags {
  /** The machine reboots: an agent that cannot be reached is no failure. */
  readonly reboot?: boolean
  /** False: the step is run once more when the flow goes on. */
  readonly skipCurrentStep?: boolean
  /** The driver's own periodic says when the step is over, no heartbeat. */
  readonly polling?: boolean
}

/** Tells the flow how to go on. @returns the state the step asks to wait in */
export function waitForStep(task: Task, flags: AsyncFlags): Exclude<StepResult, undefined> {
  const { gerund, kind, waiting } = flowOf(task)
  const named: Readonly<Record<string, boolean | undefined>> = {
    [`${gerund}_reboot`]: flags.reboot,
    [`skip_current_${kind}_step`]: flags.skipCurrentStep,
    [`${gerund}_polling`]: flags.polling,
  }
  for (const [key, value] of Object.entries(named)) {
    if (value === undefined) dropInfo(task.node, [key])
    else setInfo(task.node, { [key]: value })
  }
  return waiting
}
