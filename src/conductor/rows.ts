import { getTableColumns, sql, type SQL } from 'drizzle-orm'
import type { PgTable } from 'drizzle-orm/pg-core'
import type { Queryable } from '../db/types.js'

/**
 * Raw statements for what drizzle's builder cannot say in one round trip: several tables
 * changed by one statement, which is atomic without a transaction.
 */

type Raw = Record<string, unknown>

/** Runs a statement and gives its rows as the driver made them. */
export async function rawRows(db: Queryable, statement: SQL): Promise<Raw[]> {
  const result: unknown = await db.execute(statement)
  return Array.isArray(result) ? (result as Raw[]) : (result as { rows: Raw[] }).rows
}

/** A raw row as drizzle would give it, or null when its key column `id` is null (left join). */
export function fromRaw<T extends PgTable>(table: T, raw: Raw, prefix = ''): T['$inferSelect'] {
  const row: Raw = {}
  for (const [key, column] of Object.entries(getTableColumns(table))) {
    const value = raw[prefix + column.name] ?? null
    row[key] = value === null ? null : column.mapFromDriverValue(value)
  }
  return row
}

/** `"a" = $1, "b" = $2` for an update. */
export function assignments(table: PgTable, values: Raw): SQL {
  const columns = getTableColumns(table)
  const parts = Object.entries(values).map(([key, value]) => {
    const column = columns[key]
    if (column === undefined) throw new TypeError(`no column ${key}`)
    return sql`${sql.identifier(column.name)} = ${sql.param(value, column)}`
  })
  return sql.join(parts, sql`, `)
}

/** `alias."a" as "prefix_a", …` for every column. */
export function prefixed(table: PgTable, alias: string, prefix: string): SQL {
  const parts = Object.values(getTableColumns(table)).map(
    (c) =>
      sql`${sql.identifier(alias)}.${sql.identifier(c.name)} as ${sql.identifier(prefix + c.name)}`,
  )
  return sql.join(parts, sql`, `)
}
