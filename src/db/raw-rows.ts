import { getTableColumns, sql, type Column, type SQL } from 'drizzle-orm'
import type { PgTable } from 'drizzle-orm/pg-core'
import type { Queryable } from './types.js'

/**
 * Raw statements for what drizzle's builder cannot say in one round trip: several tables
 * changed by one statement, which is atomic without a transaction.
 */

type Raw = Record<string, unknown>

/**
 * Runs a statement and returns its rows as the driver made them. The caller names the row type, so the columns of
 * the statement must be those of `T`.
 */
export async function rawRows<T = Raw>(db: Queryable, statement: SQL): Promise<T[]> {
  return [...((await db.execute(statement)) as Iterable<T>)]
}

/**
 * A row that came as `row_to_json(…)`, as drizzle would give it. One JSON value costs the database
 * and the driver far less than sixty columns do.
 */
export function fromJson<T extends PgTable>(table: T, json: unknown): T['$inferSelect'] {
  const raw = json as Raw
  const row: Raw = {}
  for (const { key, name, isDate } of membersOf(table)) {
    const value = raw[name] ?? null
    row[key] = value !== null && isDate ? new Date(value as string) : value
  }
  return row
}

/** The first row that fits, read as one JSON value. */
export async function readRow<T extends PgTable>(
  db: Queryable,
  table: T,
  where: SQL,
): Promise<T['$inferSelect'] | undefined> {
  const [raw] = await rawRows(
    db,
    sql`select row_to_json(${table}) as row from ${table} where ${where} limit 1`,
  )
  return raw === undefined ? undefined : fromJson(table, raw['row'])
}

/**
 * Inserts a row and gives it as it was stored. Drizzle would name every column there is, those with
 * their defaults as well, and read each back.
 */
export async function insertRow<T extends PgTable>(
  db: Queryable,
  table: T,
  values: T['$inferInsert'],
): Promise<T['$inferSelect']> {
  const given = Object.entries(values as Raw).filter(([, value]) => value !== undefined)
  const columns = given.map(([key]) => columnOf(table, key))
  const names = sql.raw(columns.map(({ name }) => `"${name}"`).join(', '))
  const params = given.map(([, value], at) => sql.param(value, columns[at]))
  const [raw] = await rawRows(
    db,
    sql`insert into ${table} (${names}) values (${sql.join(params, sql`, `)})
      returning row_to_json(${table}) as row`,
  )
  return fromJson(table, raw?.['row'])
}

function columnOf(table: PgTable, key: string): Column {
  const column = getTableColumns(table)[key]
  if (column === undefined) throw new TypeError(`no column ${key}`)
  return column
}

interface Member {
  readonly key: string
  readonly name: string
  readonly isDate: boolean
}
const members = new WeakMap<PgTable, readonly Member[]>()

function membersOf(table: PgTable): readonly Member[] {
  const known = members.get(table)
  if (known !== undefined) return known
  const columns = Object.entries(getTableColumns(table))
  const made = columns.map(([key, c]) => ({ key, name: c.name, isDate: c.dataType === 'date' }))
  members.set(table, made)
  return made
}

/** `"a" = $1, "b" = $2` for an update. */
export function assignments(table: PgTable, values: Raw): SQL {
  const parts = Object.entries(values).map(([key, value]) => {
    const column = columnOf(table, key)
    return sql`${sql.identifier(column.name)} = ${sql.param(value, column)}`
  })
  return sql.join(parts, sql`, `)
}
