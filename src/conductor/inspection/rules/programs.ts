/** The parts of inspection rules that evaluate templates and regular expressions: they run in the sandbox. */
import type { Program } from '../../../sandbox/program.js'
import type { RuleArgs } from './args.js'
import { holds } from './conditions.js'
import { interpolateArgs, type Loop, type RuleData } from './interpolate.js'
import { actionSpecs, type ActionName } from './operations.js'
import type { RuleStep } from './validate.js'

export interface ConditionsInput {
  readonly conditions: readonly RuleStep[]
  readonly data: RuleData
}

/** Whether all conditions hold. */
export const ruleConditionsProgram: Program<ConditionsInput, boolean> = {
  name: 'rule-conditions',
  run: ({ conditions, data }) => conditions.every((condition) => holds(condition, data)),
}

export interface ArgumentsInput {
  readonly op: ActionName
  readonly args: RuleArgs
  readonly data: RuleData
  readonly loop: Loop | undefined
}

/** The arguments of an action with their templates filled in. */
export const ruleArgumentsProgram: Program<ArgumentsInput, RuleArgs> = {
  name: 'rule-arguments',
  run: ({ op, args, data, loop }) => interpolateArgs(actionSpecs[op], op, args, data, loop),
}
