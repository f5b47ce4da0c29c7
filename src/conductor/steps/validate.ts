import type { JsonObject } from '../../db/columns.js'
import type { Step, StepArgument, StepKind, Task } from '../../drivers/interfaces.js'
import { pythonRepr } from '../../python/repr.js'
import { Invalid, InvalidParameterValue } from '../../errors.js'
import { driverSteps, stepId } from './collect.js'

/** Checks of steps that users and templates name (docs/reference/conductor.md 11.4). */

export type UserStepKind = Exclude<StepKind, 'verify'>

export interface ValidateOptions {
  /** Steps nobody knows yet may still come with the ramdisk. */
  readonly skipMissing?: boolean
  readonly disableRamdisk?: boolean
  readonly prefix?: string
}

/** Faults in a list of steps, with the list as far as the driver could complete it. */
export class StepsInvalid extends InvalidParameterValue {
  readonly steps: readonly Step[]
  constructor(message: string, steps: readonly Step[]) {
    super(message)
    this.steps = steps
  }
}

/** Steps with their keys in the order texts and history show them. */
export function tidySteps(steps: readonly Step[]): Step[] {
  return steps.map(({ interface: kind, step, args, ...rest }) => ({
    interface: kind,
    step,
    ...(args === undefined ? {} : { args }),
    ...rest,
  }))
}

/** Names that mean something on every interface. */
export const reservedSteps: ReadonlySet<string> = new Set([
  'power_on',
  'power_off',
  'reboot',
  'hold',
  'wait',
])

/** Steps that the conductor resolves itself: nothing a driver could know about. */
export const isConductorStep = (step: Step): boolean =>
  step['execute_on_child_nodes'] === true || reservedSteps.has(step.step)

/**
 * Checks steps against those of the driver.
 * @returns the steps, with what the driver says about them; upstream loses reserved and child-node
 *   steps here, we keep them in their place
 * @throws StepsInvalid with every fault that was found
 */
export async function validateSteps(
  task: Task,
  kind: UserStepKind,
  steps: readonly Step[],
  options: ValidateOptions = {},
): Promise<Step[]> {
  if (steps.length === 0) return []
  const known = new Map(
    (await driverSteps(task, kind, { enabled: false, sort: false })).map((s) => [stepId(s), s]),
  )
  const faults: string[] = []
  const result: Step[] = []
  const all: Step[] = []
  for (const step of steps) {
    const offered = known.get(stepId(step))
    const whole = offered === undefined ? step : completed(kind, step, offered)
    all.push(whole)
    if (isConductorStep(step)) result.push(step)
    else if (offered !== undefined) {
      faults.push(...stepFaults(kind, step, offered, options))
      result.push(whole)
    } else if (!options.skipMissing) {
      faults.push(`node does not support this ${kind} step: ${pythonRepr(step)}`)
    }
  }
  if (kind === 'deploy') faults.push(...duplicates(result))
  if (faults.length > 0) throw new StepsInvalid((options.prefix ?? '') + faults.join('; '), all)
  return result
}

/** What users may not say themselves comes from the driver. */
function completed(kind: UserStepKind, step: Step, offered: Step): Step {
  if (kind === 'deploy') {
    // The API takes digits in a string as well.
    const given: unknown = step.priority
    const priority = Number(given ?? 0)
    return { ...step, priority, abortable: offered.abortable ?? true }
  }
  return { ...step, abortable: offered.abortable ?? false, priority: offered.priority ?? 0 }
}

function stepFaults(
  kind: UserStepKind,
  step: Step,
  offered: Step,
  options: ValidateOptions,
): string[] {
  const what = `${kind} step ${pythonRepr(step)}`
  const disabled = kind === 'deploy' && Number(step.priority) === 0
  const faults = argumentFaults(what, step.args ?? {}, offered.argsinfo, disabled)
  if (disabled) return faults
  if (options.disableRamdisk && (offered.requires_ramdisk ?? true)) {
    faults.push(`${what} requires booting a ramdisk`)
  }
  if (kind === 'deploy' && stepId(step) === 'deploy.deploy') {
    faults.push(
      `deploy step ${step.step} on interface ${step.interface} is a core step and cannot be overridden by user steps. It may be disabled by setting the priority to 0`,
    )
  }
  return faults
}

/**
 * What is wrong with the arguments of a step.
 * @param what the step, as the faults name it
 * @param argsinfo the arguments it takes
 * @param disabled it will not run, so that nothing is missing
 */
export function argumentFaults(
  what: string,
  args: JsonObject,
  argsinfo: unknown,
  disabled = false,
): string[] {
  const info = (argsinfo ?? {}) as Record<string, StepArgument>
  const unexpected = Object.keys(args).filter((name) => !(name in info))
  const missing = disabled ? [] : missingArguments(info, args)
  return [
    ...(unexpected.length > 0
      ? [`${what} has these unexpected arguments: ${unexpected.join(', ')}`]
      : []),
    ...(missing.length > 0
      ? [`${what} is missing these required arguments: ${missing.join(', ')}`]
      : []),
  ]
}

function missingArguments(info: Record<string, StepArgument>, args: JsonObject): string[] {
  return Object.entries(info)
    .filter(([name, about]) => about.required === true && !(name in args))
    .map(([name, about]) => (about.description ? `${name} (${about.description})` : name))
}

function duplicates(steps: readonly Step[]): string[] {
  const ids = steps.map(stepId)
  const twice = [...new Set(ids.filter((id, i) => ids.indexOf(id) !== i))]
  if (twice.length === 0) return []
  return [
    `deploy steps from all deploy templates matching this node's instance traits cannot have the same interface and step. Duplicate deploy steps for ${twice.join(', ')}`,
  ]
}

function disallowed(task: Task, kind: UserStepKind): readonly string[] {
  return task.ctx.config.api[`disallow_${kind}_steps`]
}

/** @throws Invalid for the first step the operator forbids */
export function refuseDisallowed(task: Task, kind: UserStepKind, steps: readonly Step[]): void {
  const forbidden = disallowed(task, kind)
  const bad = steps.find((step) => forbidden.includes(stepId(step)))
  if (bad === undefined) return
  throw new Invalid(
    `${kind} step '${stepId(bad)}' is not allowed. Disallowed by operator configuration [api]disallow_${kind}_steps.`,
  )
}

/** Steps without those the operator forbids. */
export function withoutDisallowed(task: Task, kind: UserStepKind, steps: readonly Step[]): Step[] {
  const forbidden = disallowed(task, kind)
  return steps.filter((step) => !forbidden.includes(stepId(step)))
}
