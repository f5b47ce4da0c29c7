import type {
  InterfaceKind,
  Step,
  StepDefinition,
  StepKind,
  StepResult,
} from '../../drivers/interfaces.js'
import { pythonRepr } from '../../python/repr.js'
import { InvalidParameterValue } from '../../errors.js'
import { stepSeconds } from '../../metrics.js'
import type { NodeTask } from '../node/task.js'
import { childrenOf } from '../node/power-family.js'
import { stepId } from '../steps/collect.js'
import { argumentFaults } from '../steps/validate.js'
import { withNode } from '../node/with-node.js'
import type { StepFlow } from './types.js'

/** What became of a step: nothing more to do, wait for the machine, stop the flow here. */
export type Executed = string | undefined

const powerSteps = { power_on: 'power on', power_off: 'power off', reboot: 'rebooting' } as const

/**
 * Runs one step of a list: on the node, on its children, or by the conductor itself
 * (docs/reference/conductor.md 11.5, 11.6).
 */
export async function executeStep(task: NodeTask, flow: StepFlow, step: Step): Promise<Executed> {
  if (step['execute_on_child_nodes'] === true) return await onChildren(task, flow, step)
  if (await reservedPowerStep(task, step)) return undefined
  if (step.step === 'hold') {
    const target = flow.target(task)
    task.transition('hold', target === undefined ? {} : { target })
    return 'hold'
  }
  if (step.step === 'wait') return await pause(task, flow, step)
  return await timed(task, flow, step, () => runDriverStep(task, flow.kind, step))
}

/** Counts how long a step ran and how it ended. */
async function timed(
  task: NodeTask,
  flow: StepFlow,
  step: Step,
  run: () => Promise<StepResult>,
): Promise<StepResult> {
  const ended = stepSeconds.startTimer({
    flow: flow.kind,
    step: stepId(step),
    driver: task.node.driver ?? '',
  })
  try {
    const result = await run()
    ended({ outcome: result === undefined ? 'done' : 'waits' })
    return result
  } catch (error) {
    ended({ outcome: 'failed' })
    throw error
  }
}

/**
 * A step of the driver. One that the interface offers to another kind of flow only is run as well,
 * as upstream does where a list could not be checked before (servicing, child nodes).
 * @throws InvalidParameterValue when the driver does not have it
 */
export async function runDriverStep(
  task: NodeTask,
  kind: StepKind,
  step: Step,
): Promise<StepResult> {
  const from = task.driver[step.interface as InterfaceKind]
  const named = from.steps?.filter((s) => s.step === step.step) ?? []
  const own = named.find((s) => s.kind === kind)
  if (own !== undefined) return await runChecked(task, kind, own, step)
  if (from.executeStep !== undefined) return await from.executeStep(task, step)
  if (named[0] !== undefined) return await runChecked(task, kind, named[0], step)
  throw new InvalidParameterValue(`node does not support this ${kind} step: ${stepId(step)}`)
}

/** Nothing has held the arguments of a service step against what the step takes before it runs. */
async function runChecked(
  task: NodeTask,
  kind: StepKind,
  definition: StepDefinition,
  step: Step,
): Promise<StepResult> {
  const args = step.args ?? {}
  const faults =
    kind === 'service' ? argumentFaults(`step ${stepId(step)}`, args, definition.argsinfo) : []
  if (faults.length > 0) throw new InvalidParameterValue(faults.join('\n'))
  return await definition.run(task, args)
}

async function reservedPowerStep(task: NodeTask, step: Step): Promise<boolean> {
  if (!(step.step in powerSteps)) return false
  await task.powerAction(powerSteps[step.step as keyof typeof powerSteps])
  return true
}

/** `wait` waits for the next heartbeat; with `seconds` it is a pause, and the flow goes on. */
async function pause(task: NodeTask, flow: StepFlow, step: Step): Promise<Executed> {
  const asked = step.args?.['seconds']
  if (asked === undefined || asked === null) return flow.waiting
  const most = task.ctx.config.conductor.max_conductor_wait_step_seconds
  const seconds = Number(asked)
  if (seconds > most) {
    task.history({
      event: `A wait time exceeding the configured maximum has been requested. Holding for ${seconds}, got ${most}.`,
      eventType: task.node.provisionState,
      severity: 'INFO',
    })
  }
  await task.save()
  await task.ctx.clock.sleep(Math.min(seconds, most) * 1000, task.signal)
  return undefined
}

async function onChildren(task: NodeTask, flow: StepFlow, step: Step): Promise<Executed> {
  const only = step['limit_child_node_execution']
  const children = await childrenOf(task, Array.isArray(only) ? only.map(String) : [])
  const kind = flow.kind === 'service' ? 'service' : 'clean'
  for (const child of children) {
    const result = await withNode(
      task.ctx,
      task.caller,
      child.id,
      { purpose: 'execute step' },
      async (below) => {
        const done = await childStep(below, kind, step)
        await below.save()
        return done
      },
    )
    const mayWait = task.ctx.config.conductor.permit_child_node_step_async_result
    if (result === undefined || (result === flow.waiting && mayWait)) continue
    return `While executing step ${pythonRepr(step)} on child node ${child.uuid}, step returned invalid value: ${result}`
  }
  return undefined
}

async function childStep(child: NodeTask, kind: StepKind, step: Step): Promise<StepResult> {
  if (await reservedPowerStep(child, step)) return undefined
  return await runDriverStep(child, kind, step)
}
