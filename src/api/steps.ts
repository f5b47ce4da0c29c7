/** Steps as deploy templates and runbooks keep them (docs/reference/objects.md, deploy template step). */
import { Invalid } from '../errors.js'
import { convert } from './args/convert.js'
import { classicError, isObject, type Schema } from './validation/json-schema.js'
import { pyRepr } from './validation/python-repr.js'

/** What every kept step has; `priority` or `order` comes on top. */
export interface KeptStep {
  readonly interface: string
  readonly step: string
  readonly args: Record<string, unknown>
}

/** @throws Invalid 400 when an interface and step come twice */
export function refuseDuplicateSteps(steps: readonly Pick<KeptStep, 'interface' | 'step'>[]): void {
  const seen = new Set<string>()
  const twice = new Set<string>()
  for (const s of steps) {
    const name = `interface: ${s.interface}, step: ${s.step}`
    if (seen.has(name)) twice.add(name)
    seen.add(name)
  }
  if (twice.size === 0) return
  throw new Invalid(
    `Deploy template invalid: Duplicate deploy steps. A template cannot have multiple deploy steps with the same interface and step. Duplicates: ${[...twice].join('; ')}.`,
  )
}

/**
 * Checks an object with steps after a patch, as upstream does: members unknown to the schema
 * are dropped, each step is checked, then the whole.
 * @param name what the texts call the object
 * @returns the object without unknown members
 * @throws Invalid 400
 */
export function checkPatchedSteps(
  patched: Readonly<Record<string, unknown>>,
  schema: Schema,
  stepSchema: Schema,
): Record<string, unknown> {
  const result = prune(patched, schema)
  const { steps } = result
  if (Array.isArray(steps)) {
    result['steps'] = steps.map((s: unknown) => {
      const step = isObject(s) ? prune(s, stepSchema) : s
      check(step, stepSchema)
      return step
    })
  }
  check(result, schema)
  refuseDuplicateSteps(result['steps'] as KeptStep[])
  return result
}

/** @throws Invalid 400 `Expected UUID for uuid: …`, for an empty one too */
export function checkUuidMember(value: unknown): void {
  convert('uuid', 'uuid', value)
}

function prune(object: Readonly<Record<string, unknown>>, schema: Schema): Record<string, unknown> {
  const known = schema['properties'] as Record<string, unknown>
  return Object.fromEntries(Object.entries(object).filter(([name]) => Object.hasOwn(known, name)))
}

function check(value: unknown, schema: Schema): void {
  const fault = classicError(value, schema)
  if (fault !== null) throw new Invalid(`Schema error for patch: ${fault}`)
}

/**
 * What must change for a list of steps to become another: equal rows stay, so that they keep
 * their ids and with them their place. New ones come sorted, not in the order they were given
 * (ironic/db/sqlalchemy/api.py, `_zip_matching`).
 * @param rank the member that ranks the steps
 */
export function diffSteps<R extends KeptStep & { id: number }, S extends KeptStep>(
  rows: readonly R[],
  wanted: readonly S[],
  rank: (step: R | S) => number,
): { removed: number[]; added: S[] } {
  const keyOf = (s: R | S) => [s.interface, s.step, canonical(s.args), rank(s)] as const
  const textOf = (s: R | S) => JSON.stringify(keyOf(s))
  const left = new Map<string, number[]>()
  for (const row of rows) left.set(textOf(row), [...(left.get(textOf(row)) ?? []), row.id])
  const added = wanted.filter((s) => left.get(textOf(s))?.shift() === undefined)
  return {
    removed: [...left.values()].flat(),
    added: added.toSorted((a, b) => compareKeys(keyOf(a), keyOf(b))),
  }
}

/** As Python compares tuples: the first member that differs decides. */
function compareKeys<K extends readonly (string | number)[]>(a: K, b: K): number {
  const at = a.findIndex((member, i) => member !== b[i])
  return at < 0 ? 0 : (a[at] ?? 0) < (b[at] ?? 0) ? -1 : 1
}

/** JSON text with sorted keys. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (!isObject(value)) return pyRepr(value)
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([k, v]) => `${pyRepr(k)}:${canonical(v)}`).join(',')}}`
}

/** Rows by the id of what they belong to, order kept. */
export function groupById<T>(rows: readonly T[], idOf: (row: T) => number): Map<number, T[]> {
  const groups = new Map<number, T[]>()
  for (const row of rows) {
    const group = groups.get(idOf(row))
    if (group === undefined) groups.set(idOf(row), [row])
    else group.push(row)
  }
  return groups
}
