import { Invalid } from '../../../errors.js'
import { isMark, type OperationSpec } from './operations.js'

export type RuleArgs = Readonly<Record<string, unknown>>

/**
 * The arguments of a condition or action by name; lists are read in order.
 * @throws Invalid 400 (upstream: 500) naming what is missing or not expected
 */
export function namedArgs(op: string, spec: OperationSpec, given: unknown): RuleArgs {
  const args = Array.isArray(given) ? fromList(spec, given as unknown[]) : given
  if (typeof args !== 'object' || args === null) {
    throw new Invalid('args must be either a list or dictionary')
  }
  const names = Object.keys(args)
  const missing = spec.required.filter((n) => !names.includes(n))
  const known = [...spec.required, ...spec.optional]
  const unexpected = names.filter((n) => !known.includes(n) && !isMark(op, n))
  const faults = [
    ...(missing.length > 0 ? [`missing required argument(s): ${missing.join(', ')}`] : []),
    ...(unexpected.length > 0 ? [`unexpected argument(s): ${unexpected.join(', ')}`] : []),
  ]
  if (faults.length > 0) throw new Invalid(faults.join('; '))
  return args as RuleArgs
}

function fromList(spec: OperationSpec, given: readonly unknown[]): RuleArgs {
  if (given.length < spec.required.length) {
    const missing = spec.required.slice(given.length).join(', ')
    throw new Invalid(`Not enough arguments provided. Missing: ${missing}`)
  }
  const names = [...spec.required, ...spec.optional].slice(0, given.length)
  return Object.fromEntries(names.map((name, i) => [name, given[i]]))
}

/**
 * Splits `!op` into the name and whether it is inverted.
 * @throws Invalid on more than one exclamation mark
 */
export function parseOperator(op: string): { name: string; inverted: boolean } {
  const text = op.trim()
  const marks = text.split('!').length - 1
  if (marks > 1) throw new Invalid(`Multiple exclamation marks are not allowed: ${op}`)
  return text.startsWith('!')
    ? { name: text.slice(1).trim(), inverted: true }
    : { name: text, inverted: false }
}
