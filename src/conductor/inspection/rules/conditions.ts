import { pythonEquals, pythonIn, pythonOrdered, pythonType } from '../../../python/compare.js'
import { pythonRegex } from '../../../python/regex/translate.js'
import { pythonStr } from '../../../python/repr.js'
import { namedArgs, parseOperator, type RuleArgs } from './args.js'
import { RuleFailed } from './failure.js'
import { inNet } from './in-net.js'
import { interpolateArgs, type Loop, type RuleData } from './interpolate.js'
import { conditionSpecs, isCondition, type ConditionName } from './operations.js'
import type { RuleStep } from './validate.js'

type Check = (args: RuleArgs) => boolean

/** Relations hold between every two neighbours. */
const related =
  (name: string, holds: (a: unknown, b: unknown) => boolean): Check =>
  ({ values, force_strings: asText }) => {
    if (!Array.isArray(values)) {
      throw RuleFailed.condition(
        `Failed to check condition: '${name}' on values: ${pythonStr(values)}: Expected list for 'values', got: ${pythonType(values)}`,
      )
    }
    const list = asText ? values.map(pythonStr) : (values as unknown[])
    return list.every((v, i) => i === 0 || holds(list[i - 1], v))
  }

/** A regular expression of a rule. @throws RuleFailed when it is none */
function regex(source: string, sticky: boolean): RegExp {
  try {
    return pythonRegex(source, sticky)
  } catch (e) {
    throw new RuleFailed(`invalid regular expression: ${(e as Error).message}`)
  }
}

/** @throws TypeError as Python's `re` does on what is no text */
function pattern(given: unknown): string {
  if (typeof given === 'string') return given
  throw new TypeError('first argument must be string or compiled pattern')
}

function matches({ value, regex: given }: RuleArgs): boolean {
  const text = pattern(given)
  regex(text, true)
  if (text === '') throw new RangeError('string index out of range')
  return regex(text.endsWith('$') ? text : `${text}$`, true).test(pythonStr(value))
}

const truth = (value: unknown, words: readonly string[]): boolean | null => {
  if (typeof value === 'boolean') return value
  if (typeof value === 'number') return value !== 0
  return typeof value === 'string' ? words.includes(value.toLowerCase()) : null
}

function isFalse({ value }: RuleArgs): boolean {
  if (typeof value === 'string') return ['no', 'false'].includes(value.toLowerCase())
  const t = truth(value, [])
  return t === null ? value === null || value === undefined : !t
}

const checks: Readonly<Record<ConditionName, Check>> = {
  eq: related('eq', pythonEquals),
  lt: related('lt', (a, b) => pythonOrdered(a, '<', b)),
  gt: related('gt', (a, b) => pythonOrdered(a, '>', b)),
  'is-empty': ({ value }) => ['', 'None', '[]', '{}'].includes(pythonStr(value)),
  'in-net': inNet,
  matches,
  contains: ({ value, regex: given }) => regex(pattern(given), false).test(pythonStr(value)),
  'one-of': ({ value, values = [] }) => pythonIn(value, values),
  'is-none': ({ value }) => value === null || value === undefined,
  'is-true': ({ value }) => truth(value, ['yes', 'true']) ?? false,
  'is-false': isFalse,
}

/**
 * Whether a condition holds.
 * @throws RuleFailed, Invalid when it makes no sense
 */
export function holds(condition: RuleStep, data: RuleData): boolean {
  const { loop, multiple = 'any' } = condition
  if (!isLoop(loop)) return holdsOnce(condition, data)
  if (!Array.isArray(loop)) return holdsOnce(condition, data, { item: loop })
  const results = loop.map((item: unknown) => () => holdsOnce(condition, data, { item }))
  switch (multiple) {
    case 'all':
      return results.map((r) => r()).every(Boolean)
    case 'last':
      return results.map((r) => r()).at(-1) ?? false
    default: // `first` gives up at the first success as well; without one its first is false.
      return multiple === 'first' ? results.some((r) => r()) : results.map((r) => r()).some(Boolean)
  }
}

/** An empty loop is none. */
export const isLoop = (loop: unknown): loop is object =>
  typeof loop === 'object' && loop !== null && Object.keys(loop).length > 0

function holdsOnce(condition: RuleStep, data: RuleData, loop?: Loop): boolean {
  const { name, inverted } = parseOperator(condition.op)
  if (!isCondition(name)) throw new RuleFailed(`Unsupported operator: '${name}'.`)
  const spec = conditionSpecs[name]
  const args = interpolateArgs(spec, name, namedArgs(name, spec, condition.args), data, loop)
  const asText = loop !== undefined && spec.optional.includes('force_strings')
  return checks[name](asText ? { ...args, force_strings: true } : args) !== inverted
}
