/**
 * What inspection rules can say: the names of conditions and actions and their arguments, in the
 * order of the list form (docs/reference/conductor.md 13.6; upstream `common/inspection_rules/`).
 */
export interface OperationSpec {
  readonly required: readonly string[]
  readonly optional: readonly string[]
  /** Arguments whose texts are templates; inside a loop all are. */
  readonly formatted: readonly string[]
}

const spec = (
  required: readonly string[],
  formatted: readonly string[] = [],
  optional: readonly string[] = [],
): OperationSpec => ({ required, optional, formatted })

const compare = spec(['values'], ['values'], ['force_strings'])
const single = spec(['value'], ['value'])

export const conditionSpecs = {
  eq: compare,
  lt: compare,
  gt: compare,
  'is-empty': single,
  'in-net': spec(['address', 'subnet'], ['address', 'subnet']),
  matches: spec(['value', 'regex'], ['value']),
  contains: spec(['value', 'regex'], ['value']),
  'one-of': spec(['value'], ['value'], ['values']),
  'is-none': single,
  'is-true': single,
  'is-false': single,
} as const satisfies Record<string, OperationSpec>

export const actionSpecs = {
  fail: spec(['msg']),
  log: spec(['msg'], ['msg'], ['level']),
  'set-attribute': spec(['path', 'value'], ['value']),
  'extend-attribute': spec(['path', 'value'], ['value'], ['unique']),
  'del-attribute': spec(['path']),
  'set-capability': spec(['name', 'value'], ['value']),
  'unset-capability': spec(['name']),
  'add-trait': spec(['name']),
  'remove-trait': spec(['name']),
  'set-plugin-data': spec(['path', 'value'], ['value']),
  'extend-plugin-data': spec(['path', 'value'], ['value'], ['unique']),
  'unset-plugin-data': spec(['path']),
  'set-port-attribute': spec(['port_id', 'path', 'value'], ['value']),
  'extend-port-attribute': spec(['port_id', 'path', 'value'], ['value'], ['unique']),
  'del-port-attribute': spec(['port_id', 'path']),
  'api-call': spec(
    ['url'],
    ['url'],
    ['headers', 'proxies', 'timeout', 'retries', 'backoff_factor'],
  ),
} as const satisfies Record<string, OperationSpec>

/** Actions whose stored arguments hold an empty `plugin_data`: upstream's checking of them leaves it there. */
const marked = new Set<string>(['set-plugin-data', 'extend-plugin-data', 'unset-plugin-data'])

/** Whether an argument is one that upstream adds itself, and so must be taken back. */
export const isMark = (op: string, name: string): boolean =>
  name === 'plugin_data' && marked.has(op)

/** An action as it is stored and shown. */
export function stored<T extends { readonly op: string; readonly args?: unknown }>(action: T): T {
  const { op, args } = action
  const named = typeof args === 'object' && args !== null && !Array.isArray(args)
  return named && marked.has(op) ? { ...action, args: { ...args, plugin_data: {} } } : action
}

export type ConditionName = keyof typeof conditionSpecs
export type ActionName = keyof typeof actionSpecs

export const isCondition = (name: string): name is ConditionName =>
  Object.hasOwn(conditionSpecs, name)
export const isAction = (name: string): name is ActionName => Object.hasOwn(actionSpecs, name)
