import { Invalid } from '../../../errors.js'
import { runProgram } from '../../../sandbox/pool.js'
import { ProgramFailed, ProgramStopped, type Program } from '../../../sandbox/program.js'
import { isObject } from '../plain.js'
import type { RuleArgs } from './args.js'
import { RuleFailed } from './failure.js'
import type { Loop, RuleData } from './interpolate.js'
import type { ActionName } from './operations.js'
import { ruleArgumentsProgram, ruleConditionsProgram } from './programs.js'
import type { RuleStep } from './validate.js'

/**
 * Whether all conditions of a rule hold.
 * @throws RuleFailed, Invalid when one makes no sense, RuleFailed at a limit of the sandbox
 */
export async function conditionsHold(
  conditions: readonly RuleStep[],
  data: RuleData,
  signal: AbortSignal,
): Promise<boolean> {
  if (conditions.length === 0) return true
  const input = { conditions, data: partOf(data, conditions) }
  return await sandboxed(ruleConditionsProgram, input, signal)
}

/**
 * The arguments of an action with their templates filled in. Arguments without braces hold no
 * template and stay as they are.
 * @throws RuleFailed at a limit of the sandbox, Error as `interpolateArgs`
 */
export async function filledArgs(
  op: ActionName,
  args: RuleArgs,
  data: RuleData,
  { loop, signal }: { readonly loop: Loop | undefined; readonly signal: AbortSignal },
): Promise<RuleArgs> {
  if (!someText(args, (text) => /[{}]/.test(text))) return args
  const input = { op, args, data: partOf(data, [args, loop]), loop }
  return await sandboxed(ruleArgumentsProgram, input, signal)
}

/** What templates may name, so that a large inventory is copied only where a template reads it. */
function partOf(data: RuleData, templates: unknown): RuleData {
  const names = (name: string) => someText(templates, (text) => text.includes(name))
  return {
    ...data,
    inventory: names('inventory') ? data.inventory : {},
    pluginData: names('plugin_data') ? data.pluginData : {},
  }
}

function someText(value: unknown, test: (text: string) => boolean): boolean {
  if (typeof value === 'string') return test(value)
  if (Array.isArray(value)) return value.some((member) => someText(member, test))
  if (!isObject(value)) return false
  return Object.entries(value).some(([key, member]) => test(key) || someText(member, test))
}

async function sandboxed<Input, Output>(
  program: Program<Input, Output>,
  input: Input,
  signal: AbortSignal,
): Promise<Output> {
  try {
    return await runProgram(program, input, { signal })
  } catch (error) {
    if (error instanceof ProgramStopped) {
      throw new RuleFailed(`An inspection rule was stopped: ${error.message}`)
    }
    throw error instanceof ProgramFailed ? ruleError(error) : error
  }
}

/** The error as the program threw it, so that its text reads as without a sandbox. */
function ruleError({ kind, message }: ProgramFailed): Error {
  if (kind === 'RuleFailed') return new RuleFailed(message)
  return kind === 'Invalid' ? new Invalid(message) : new Error(message)
}
