/** Rows to JSON: the contract says which fields exist at a version, a resource how to make them. */
import type { Contract } from './contract/load.js'
import { covers } from './contract/versions.js'

/** How to make each field of an object from a row `R`, given `E` that is made once per answer. */
export type FieldMakers<R, E> = Readonly<Record<string, (row: R, env: E) => unknown>>

export interface Selection {
  /** Names asked for with `fields=`; `links` is always kept. */
  readonly fields?: readonly string[] | undefined
  /** The short list form. */
  readonly short?: boolean
}

/** The names of the fields of an answer, in answer order. */
export function selectFields(
  contract: Contract,
  schemaName: string,
  minor: number,
  selection: Selection = {},
): readonly string[] {
  const { fields, short = false } = selection
  if (fields !== undefined) return chosen(contract, schemaName, minor, selection)
  const table = tables.get(contract) ?? new Map<string, readonly string[]>()
  tables.set(contract, table)
  const key = `${schemaName} ${minor} ${short}`
  const known = table.get(key) ?? chosen(contract, schemaName, minor, selection)
  table.set(key, known)
  return known
}

/** What whoever names no fields is shown, by contract, schema and version. */
const tables = new WeakMap<Contract, Map<string, readonly string[]>>()

function chosen(
  contract: Contract,
  schemaName: string,
  minor: number,
  { fields, short = false }: Selection,
): readonly string[] {
  const wanted = (name: string) => fields === undefined || name === 'links' || fields.includes(name)
  return contract
    .fields(schemaName)
    .filter(
      (f) => covers(f, minor) && wanted(f.name) && (!short || fields !== undefined || f.short),
    )
    .map((f) => f.name)
}

/**
 * Compiles a serializer for one answer, so that a page costs one table look-up per field.
 * @throws Error when the contract names a field nobody makes
 */
export function serializer<R, E>(
  makers: FieldMakers<R, E>,
  names: readonly string[],
  env: E,
): (row: R) => Record<string, unknown> {
  const list = names.map((name) => {
    const make = makers[name]
    if (make === undefined) throw new Error(`no maker for field ${name}`)
    return [name, make] as const
  })
  return (row) => {
    const out: Record<string, unknown> = {}
    for (const [name, make] of list) out[name] = make(row, env)
    return out
  }
}

/**
 * Of the columns of a view, those that fields need: reading a value costs the embedded database
 * more than finding it. Columns are called as fields are, in camel case. The type stays that of
 * all columns, since the makers of other fields do not run.
 * @param fields all columns when undefined
 */
export function columnsFor<C extends Readonly<Record<string, unknown>>>(
  columns: C,
  fields: readonly string[] | undefined,
): C {
  if (fields === undefined) return columns
  const keys = ['uuid', ...fields.map(camelCase)]
  return Object.fromEntries(Object.entries(columns).filter(([key]) => keys.includes(key))) as C
}

const camelCase = (name: string) => name.replace(/_(\w)/g, (_, c: string) => c.toUpperCase())

/** `2026-11-22T16:56:08.507000+00:00`, or null. */
export function isoTime(date: Date | null): string | null {
  return date === null ? null : `${date.toISOString().slice(0, -1)}000+00:00`
}
