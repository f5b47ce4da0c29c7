/** Columns of nodes and ports as rules change them, under their wire names. */
import { getTableColumns } from 'drizzle-orm'
import type { PgTable } from 'drizzle-orm/pg-core'
import { nodes, ports } from '../../../db/schema/index.js'
import { pythonStr } from '../../../python-repr.js'
import { deleteAt, getAt, isObject, pathParts, setAt, type Plain } from '../plain.js'

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

function find({ byName }: Columns, name: string): { key: string; type: string } {
  const column = byName.get(name)
  if (column === undefined || refused.has(name)) throw new TypeError(`cannot change '${name}'`)
  return column
}

/** Changes one column of a row in memory. The row's own objects are left as they are. */
function change(
  columns: Columns,
  row: object,
  path: string,
  edit: (root: Plain, p: string[]) => void,
): void {
  const [name = '', ...rest] = pathParts(path)
  const { key } = find(columns, name)
  const fields = row as Plain
  const root = { [name]: structuredClone(fields[key] ?? (rest.length > 0 ? {} : null)) }
  edit(root, [name, ...rest])
  fields[key] = Object.hasOwn(root, name) ? root[name] : null
}

/** @throws TypeError on what cannot be changed so */
export function setAttribute(columns: Columns, row: object, path: string, value: unknown): void {
  const [name = ''] = pathParts(path)
  const { type } = find(columns, name)
  const whole = pathParts(path).length === 1
  change(columns, row, path, (root, p) => setAt(root, p, whole ? typed(type, value) : value))
}

/** Templates give text; columns of other types read it. */
function typed(type: string, value: unknown): unknown {
  if (type === 'boolean' && typeof value === 'string') {
    const word = value.toLowerCase()
    if (['true', 'yes', 'on', '1', 't', 'y'].includes(word)) return true
    if (['false', 'no', 'off', '0', 'f', 'n', ''].includes(word)) return false
    throw new TypeError(`${value} is no truth value`)
  }
  if (type === 'json' && !isObject(value) && !Array.isArray(value) && value !== null) {
    throw new TypeError('an object is wanted')
  }
  if (type === 'string' && typeof value === 'object' && value !== null) {
    throw new TypeError('a text is wanted')
  }
  return type === 'string' && value !== null ? pythonStr(value) : value
}

/** Appends to a list, which is made where there is nothing. */
export function extendAttribute(
  columns: Columns,
  row: object,
  path: string,
  value: unknown,
  unique: boolean,
): void {
  change(columns, row, path, (root, p) =>
    setAt(root, p, extended(getAt(root, p), path, value, unique)),
  )
}

/** @throws TypeError when something that is no list is there */
export function extended(there: unknown, path: string, value: unknown, unique: boolean): unknown[] {
  const list: unknown = there ?? []
  if (!Array.isArray(list)) throw new TypeError(`Cannot extend non-list attribute ${path}`)
  const known = list.some((v) => JSON.stringify(v) === JSON.stringify(value))
  return unique && known ? (list as unknown[]) : [...(list as unknown[]), value]
}

/** @throws TypeError when there is nothing to delete */
export function deleteAttribute(columns: Columns, row: object, path: string): void {
  change(columns, row, path, deleteAt)
}
