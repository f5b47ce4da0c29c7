/** Columns of nodes and ports as rules change them, under their wire names. */
import { getTableColumns } from 'drizzle-orm'
import type { PgTable } from 'drizzle-orm/pg-core'
import { nodes, ports } from '../../../db/schema/index.js'
import { pythonIn } from '../../../python/compare.js'
import { pythonStr } from '../../../python/repr.js'
import { coerced } from './coerce.js'
import { deleteAt, getAt, pathParts, setAt, type Plain } from '../plain.js'

/** What rules may not touch: identity, the lock and what the state machine alone writes. */
const refused = new Set([
  'id',
  'uuid',
  'created_at',
  'updated_at',
  'version',
  'reservation',
  'provision_state',
  'target_provision_state',
  'provision_updated_at',
  'driver_internal_info',
  'node_id',
])

interface Columns {
  /** Wire name to property and type. */
  readonly byName: ReadonlyMap<string, { readonly key: string; readonly type: string }>
}

const columnsOf = (table: PgTable): Columns => ({
  byName: new Map(
    Object.entries(getTableColumns(table)).map(([key, c]) => [c.name, { key, type: c.dataType }]),
  ),
})
export const nodeColumns = columnsOf(nodes)
export const portColumns = columnsOf(ports)

/** A row under its wire names; times as text. */
export function wireFields({ byName }: Columns, row: object): Plain {
  const fields = row as Plain
  const show = (v: unknown) => (v instanceof Date ? v.toISOString() : (v ?? null))
  return Object.fromEntries([...byName].map(([name, { key }]) => [name, show(fields[key])]))
}

/** @throws TypeError on what rules may not touch; undefined where there is no such column */
function find({ byName }: Columns, name: string): { key: string; type: string } | undefined {
  if (refused.has(name)) throw new TypeError(`cannot change '${name}'`)
  return byName.get(name)
}

/** Changes one column of a row in memory. The row's own objects are left as they are. */
function change(
  columns: Columns,
  row: object,
  path: string,
  edit: (root: Plain, p: string[]) => void,
): void {
  const [name = '', ...rest] = pathParts(path)
  const key = find(columns, name)?.key
  if (key === undefined) throw new TypeError(`there is no attribute '${name}'`)
  const fields = row as Plain
  const root = { [name]: structuredClone(fields[key] ?? (rest.length > 0 ? {} : null)) }
  edit(root, [name, ...rest])
  fields[key] = Object.hasOwn(root, name) ? root[name] : null
}

/**
 * Sets a value. Where upstream knows no such attribute it keeps the value to itself: nothing happens.
 * @throws TypeError on what cannot be changed so
 */
export function setAttribute(columns: Columns, row: object, path: string, value: unknown): void {
  const [name = '', ...rest] = pathParts(path)
  const column = find(columns, name)
  if (column === undefined && rest.length === 0) return
  const stored = rest.length === 0 ? coerced(name, column?.type ?? '', value) : value
  change(columns, row, path, (root, p) => setAt(root, p, stored))
}

/** Appends to a list, which is made where there is nothing; no attribute of its own is one. */
export function extendAttribute(
  columns: Columns,
  row: object,
  path: string,
  value: unknown,
  unique: boolean,
): void {
  const [name = '', ...rest] = pathParts(path)
  if (find(columns, name) === undefined && rest.length === 0 && name !== 'traits') return
  change(columns, row, path, (root, p) =>
    setAt(root, p, extended(getAt(root, p), path, value, unique)),
  )
}

/** @throws TypeError when something that is no list is there */
export function extended(there: unknown, path: string, value: unknown, unique: boolean): unknown[] {
  const list: unknown = there === undefined ? [] : there
  if (!Array.isArray(list)) {
    throw new TypeError(`Cannot extend non-list attribute ${path} with value ${pythonStr(value)}`)
  }
  const known = pythonIn(value, list)
  return unique && known ? (list as unknown[]) : [...(list as unknown[]), value]
}

/** @throws TypeError when there is nothing to delete */
export function deleteAttribute(columns: Columns, row: object, path: string): void {
  change(columns, row, path, deleteAt)
}
