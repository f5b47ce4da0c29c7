import { isObject } from '../plain.js'
import type { RuleArgs } from './args.js'
import { Attributes, format, FormatError, type FormatContext, type View } from './format.js'
import type { OperationSpec } from './operations.js'

/** What templates see. */
export interface RuleData {
  /** The node's fields under their wire names. */
  readonly node: Readonly<Record<string, unknown>>
  readonly inventory: Readonly<Record<string, unknown>>
  readonly pluginData: Record<string, unknown>
  /** Whether secrets of inventory and plugin data read as `***`. */
  readonly mask: boolean
}

const secretKeys = new Set(['password', 'auth_token', 'bmc_password'])

/** Hides secrets at any depth. */
export const maskingView: View = (key, value) => {
  if (key !== null && secretKeys.has(key)) return '***'
  if (Array.isArray(value)) return value.map((v) => maskingView(null, v))
  if (!isObject(value) || value instanceof Attributes) return value
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, maskingView(k, v)]))
}
const plainView: View = (_key, value) => value

/** A loop's present item; absent outside of loops. */
export interface Loop {
  readonly item: unknown
}

/**
 * The arguments of a condition or action with their templates filled in. A template that cannot
 * be filled in stays as it is, but for `is-empty` a key that is missing is null.
 */
export function interpolateArgs(
  spec: OperationSpec,
  op: string,
  args: RuleArgs,
  data: RuleData,
  loop?: Loop,
): RuleArgs {
  const fill = filler(op, data, loop)
  const wanted = (name: string) => loop !== undefined || spec.formatted.includes(name)
  return Object.fromEntries(
    Object.entries(args).map(([name, v]) => [name, wanted(name) ? fill(v) : v]),
  )
}

function filler(op: string, data: RuleData, loop: Loop | undefined): (value: unknown) => unknown {
  const view = data.mask ? maskingView : plainView
  const context: FormatContext = new Map<string, unknown>([
    ['node', new Attributes(data.node)],
    ['inventory', data.inventory],
    ['plugin_data', data.pluginData],
    ...(loop === undefined ? [] : [['item', loop.item] as const]),
  ])
  const one = (text: string): unknown => safely(op, text, () => format(text, context, view))
  // Items of a loop may hold templates themselves, so that a second round is due; not for items of a list.
  const text = (value: string): unknown => {
    const filled = one(value)
    return loop !== undefined && typeof filled === 'string' ? one(filled) : filled
  }
  const fill = (value: unknown): unknown => {
    if (typeof value === 'string') return text(value)
    if (Array.isArray(value)) return value.map((v) => (typeof v === 'string' ? one(v) : fill(v)))
    if (!isObject(value)) return value
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [String(one(k)), fill(v)]))
  }
  return fill
}

function safely(op: string, text: string, fill: () => string): unknown {
  try {
    return fill()
  } catch (e) {
    if (!(e instanceof FormatError)) throw e
    return e.missingKey && op === 'is-empty' ? null : text
  }
}
