import { BlockList, isIP } from 'node:net'
import { pythonRepr, pythonStr } from '../../../python-repr.js'
import { namedArgs, parseOperator, type RuleArgs } from './args.js'
import { RuleFailed } from './failure.js'
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
        `Failed to check condition: '${name}' on values: ${pythonStr(values)}: Expected list for 'values', got: ${pyType(values)}`,
      )
    }
    const list = asText === true ? values.map(pythonStr) : (values as unknown[])
    return list.every((v, i) => i === 0 || holds(list[i - 1], v))
  }

function pyType(value: unknown): string {
  if (value === null || value === undefined) return 'NoneType'
  if (typeof value === 'string') return 'str'
  if (typeof value === 'boolean') return 'bool'
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float'
  return 'dict'
}

/** @throws RuleFailed where Python has no order between the two */
function less(a: unknown, b: unknown): boolean {
  const [x, y] = [typeof a === 'boolean' ? Number(a) : a, typeof b === 'boolean' ? Number(b) : b]
  if (typeof x === 'number' && typeof y === 'number') return x < y
  if (typeof x === 'string' && typeof y === 'string') return x < y
  throw new RuleFailed(`'<' not supported between instances of '${pyType(a)}' and '${pyType(b)}'`)
}

/** As Python: true is 1, and containers compare by what they hold. */
function same(a: unknown, b: unknown): boolean {
  const number = (v: unknown) => (typeof v === 'boolean' ? Number(v) : v)
  if (number(a) === number(b)) return true
  return typeof a === 'object' && typeof b === 'object' && pythonRepr(a) === pythonRepr(b)
}

function inNet({ address, subnet }: RuleArgs): boolean {
  const [base = '', length] = pythonStr(subnet).split('/')
  const family = isIP(base)
  const bits = length === undefined ? (family === 6 ? 128 : 32) : Number(length)
  const valid =
    family !== 0 && Number.isInteger(bits) && bits >= 0 && bits <= (family === 6 ? 128 : 32)
  if (!valid) throw RuleFailed.rule(`invalid value: invalid IPNetwork ${pythonStr(subnet)}`)
  const text = pythonStr(address)
  if (isIP(text) === 0)
    throw new RuleFailed(`failed to detect a valid IP address from ${pythonRepr(address)}`)
  const list = new BlockList()
  list.addSubnet(base, bits, family === 6 ? 'ipv6' : 'ipv4')
  return isIP(text) === family && list.check(text, family === 6 ? 'ipv6' : 'ipv4')
}

/** A regular expression of a rule; Python's named groups and leading flags are understood. */
function regex(source: unknown, flags = ''): RegExp {
  const text = pythonStr(source)
  const inline = /^\(\?([ims]+)\)/.exec(text)
  const body = text.slice(inline?.[0].length ?? 0).replaceAll('(?P<', '(?<')
  try {
    return new RegExp(body, flags + (inline?.[1] ?? ''))
  } catch (e) {
    throw RuleFailed.rule(`invalid regular expression: ${(e as Error).message}`)
  }
}

function matches({ value, regex: given }: RuleArgs): boolean {
  const text = pythonStr(given)
  return regex(text.endsWith('$') ? text : `${text}$`, 'y').test(pythonStr(value))
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
  eq: related('eq', same),
  lt: related('lt', less),
  gt: related('gt', (a, b) => less(b, a)),
  'is-empty': ({ value }) => ['', 'None', '[]', '{}'].includes(pythonStr(value)),
  'in-net': inNet,
  matches,
  contains: ({ value, regex: given }) => regex(given).test(pythonStr(value)),
  'one-of': ({ value, values = [] }) => isIn(value, values),
  'is-none': ({ value }) => value === null || value === undefined,
  'is-true': ({ value }) => truth(value, ['yes', 'true']) ?? false,
  'is-false': isFalse,
}

/** Python's `in`: an item of a list, a key of an object, a part of a text. */
function isIn(value: unknown, values: unknown): boolean {
  if (Array.isArray(values)) return values.some((v) => same(v, value))
  if (typeof values === 'string') return values.includes(pythonStr(value))
  return typeof values === 'object' && values !== null && Object.hasOwn(values, pythonStr(value))
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
  const args = interpolateArgs(spec, name, namedArgs(spec, condition.args), data, loop)
  const asText = loop !== undefined && spec.optional.includes('force_strings')
  return checks[name](asText ? { ...args, force_strings: true } : args) !== inverted
}
