import type {
  BaseInterface,
  InterfaceKind,
  Step,
  StepDefinition,
  StepKind,
  Task,
} from '../../drivers/interfaces.js'
import { ranks } from './ranks.js'

/** `interface.step`, the name of a step in texts and options. */
export const stepId = (step: Pick<Step, 'interface' | 'step'>): string =>
  `${step.interface}.${step.step}`

/**
 * The steps a node's driver offers, with the operator's priorities (docs/reference/conductor.md 11.2).
 * @param options.enabled leaves out those of priority 0
 * @param options.sort highest priority first; service steps are never sorted
 */
export async function driverSteps(
  task: Task,
  kind: StepKind,
  options: { enabled: boolean; sort: boolean },
): Promise<Step[]> {
  const kinds = Object.keys(ranks[kind]) as InterfaceKind[]
  const offered = await Promise.all(kinds.map((k) => interfaceSteps(task, kind, task.driver[k])))
  const steps = offered.flat().map((step) => withOverride(task, kind, step))
  const wanted = options.enabled ? steps.filter((step) => step.priority !== 0) : steps
  return options.sort && kind !== 'service' ? sortSteps(kind, wanted) : wanted
}

async function interfaceSteps(task: Task, kind: StepKind, from: BaseInterface): Promise<Step[]> {
  const own = (from.steps ?? []).filter((s) => s.kind === kind)
  const later = (await from.runtimeSteps?.(task, kind)) ?? []
  return [...own.map((definition) => described(from.kind, definition)), ...later]
}

/** A definition as it stands in `driver_internal_info` and in the history, its members in upstream's order. */
function described(kind: InterfaceKind, definition: StepDefinition): Step {
  const { step, priority, argsinfo = null } = definition
  if (definition.kind === 'verify') return { step, priority, interface: kind }
  const abortable = definition.abortable ?? definition.kind === 'deploy'
  const base = { step, priority, abortable, argsinfo, interface: kind }
  if (definition.kind === 'deploy') return base
  return { ...base, requires_ramdisk: definition.requiresRamdisk ?? true }
}

function withOverride(task: Task, kind: StepKind, step: Step): Step {
  const { clean_step_priority_override: clean, verify_step_priority_override: verify } =
    task.ctx.config.conductor
  const overrides = kind === 'clean' ? clean : kind === 'verify' ? verify : {}
  const priority = overrides[stepId(step)]
  return priority === undefined ? step : { ...step, priority: Number(priority) }
}

/** Highest priority first, then by interface; equal ones stay as they came. */
export function sortSteps(kind: StepKind, steps: readonly Step[]): Step[] {
  const rank = (step: Step): number => ranks[kind][step.interface as InterfaceKind] ?? 0
  return steps.toSorted((a, b) => (b.priority ?? 0) - (a.priority ?? 0) || rank(b) - rank(a))
}
