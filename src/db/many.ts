/**
 * Lists of any length in a statement. PostgreSQL takes 65,535 parameters at most, and postgres.js
 * fails beyond that with an error that looks like a lost connection.
 */
import { getTableColumns, sql, type AnyColumn, type SQL } from 'drizzle-orm'
import type { PgTable } from 'drizzle-orm/pg-core'
import type { Queryable } from './types.js'

const mostParameters = 60_000

/** Whether a text or integer column has one of the values: one parameter, whatever their number. */
export function isAmong(column: AnyColumn, values: readonly string[] | readonly number[]): SQL {
  if (values.length === 0) return sql`false`
  const list = JSON.stringify(values)
  return typeof values[0] === 'number'
    ? sql`${column} in (select v::bigint from json_array_elements_text(${list}::json) v)`
    : sql`${column} in (select v from json_array_elements_text(${list}::json) v)`
}

/** Inserts rows in as many statements as they need; rows that exist already stay as they are. */
export async function insertMissing<T extends PgTable>(
  db: Queryable,
  table: T,
  rows: readonly T['$inferInsert'][],
): Promise<void> {
  for (const part of partsOf(table, rows)) await db.insert(table).values(part).onConflictDoNothing()
}

/** Inserts rows in as many statements as they need. @throws the database's error on a duplicate */
export async function insertMany<T extends PgTable>(
  db: Queryable,
  table: T,
  rows: readonly T['$inferInsert'][],
): Promise<void> {
  for (const part of partsOf(table, rows)) await db.insert(table).values(part)
}

function* partsOf<T extends PgTable>(
  table: T,
  rows: readonly T['$inferInsert'][],
): Generator<T['$inferInsert'][]> {
  const size = Math.floor(mostParameters / Object.keys(getTableColumns(table)).length)
  for (let at = 0; at < rows.length; at += size) yield rows.slice(at, at + size)
}
