import { and, eq, getTableColumns, sql, type SQL } from 'drizzle-orm'
import { PgDialect } from 'drizzle-orm/pg-core'
import { rawRows, readRow } from '../../../db/raw-rows.js'
import type { NodeRow } from '../../../db/rows.js'
import { allocations, chassis, nodes } from '../../../db/schema/index.js'
import type { Queryable } from '../../../db/types.js'
import { ObjectNotFound } from '../../../errors.js'
import { afterMarker, orderBy, sortColumn, type Page } from '../../paging.js'
import { isUuidLike } from '../../../identifiers.js'
import type { Columns, NodeView } from './fields.js'

/** Selects a node by what a client calls it: a UUID (as it was written) or a name. */
export const identifiedBy = (ident: string): SQL =>
  isUuidLike(ident) ? eq(nodes.uuid, ident) : eq(nodes.name, ident)

/** @returns null when there is none */
export async function findNode(db: Queryable, ident: string): Promise<NodeRow | null> {
  return (await readRow(db, nodes, identifiedBy(ident))) ?? null
}

/**
 * A node by UUID or name, whoever asks and at whatever version: for requests see
 * `checkNodePolicy` in access.ts.
 * @throws ObjectNotFound 404
 */
export async function getNode(db: Queryable, ident: string): Promise<NodeRow> {
  const row = await findNode(db, ident)
  if (row === null) throw new ObjectNotFound('Node', ident)
  return row
}

/** The UUID of a node's chassis, or null. */
export async function chassisUuidOf(db: Queryable, id: number | null): Promise<string | null> {
  if (id === null) return null
  const [row] = await db.select({ uuid: chassis.uuid }).from(chassis).where(eq(chassis.id, id))
  return row?.uuid ?? null
}

/** The owner of the allocation a node belongs to; null when there is none. */
export async function allocationOwner(db: Queryable, id: number | null): Promise<string | null> {
  if (id === null) return null
  const [row] = await db
    .select({ owner: allocations.owner })
    .from(allocations)
    .where(eq(allocations.id, id))
  return row?.owner ?? null
}

/** One node with the columns asked for. */
export async function findView(
  db: Queryable,
  which: SQL,
  columns: Columns,
): Promise<NodeView | null> {
  const [view] = await readViews(db, columns, sql`where ${which} limit 1`)
  return view ?? null
}

/**
 * A page of nodes with the columns asked for.
 * @param marker UUID of the last node of the page before
 * @throws ObjectNotFound 404 when the marker does not exist, Invalid 400 for a bad sort key
 */
export async function listViews(
  db: Queryable,
  columns: Columns,
  condition: SQL | undefined,
  page: Page,
  marker: string | undefined,
): Promise<NodeView[]> {
  const from = marker === undefined ? undefined : await markerRow(db, page, marker)
  const where = and(condition, from && afterMarker(nodes, page, from)) ?? sql`true`
  const order = sql.join(orderBy(nodes, page), sql`, `)
  return readViews(db, columns, sql`where ${where} order by ${order} limit ${page.limit}`)
}

/**
 * Reads a page as one JSON text. Decoding a value of a wide row costs the embedded database more
 * than finding it, and one text is one value. The rows are chosen before: where a page has to be sorted,
 * PostgreSQL would else make the text of every node there is, to throw all but the page away.
 */
async function readViews(db: Queryable, columns: Columns, rest: SQL): Promise<NodeView[]> {
  const [result] = await rawRows(
    db,
    sql`select string_agg(p.n, ',') as page
      from (select json_build_array(${textOf(columns)})::text as n
        from (select * from nodes ${rest}) nodes) p`,
  )
  const page = result?.['page']
  if (typeof page !== 'string') return []
  const keys = Object.keys(columns)
  return (JSON.parse(`[${page}]`) as unknown[][]).map((row) => viewOf(keys, row))
}

const dialect = new PgDialect()
const texts = new WeakMap<Columns, SQL>()

/** Columns as they stand in a statement. Drizzle takes longer to write sixty than PostgreSQL to read them. */
function textOf(columns: Columns): SQL {
  const known =
    texts.get(columns) ?? sql.raw(dialect.sqlToQuery(sql.join(Object.values(columns), sql`, `)).sql)
  texts.set(columns, known)
  return known
}

function viewOf(keys: readonly string[], row: readonly unknown[]): NodeView {
  const view: Record<string, unknown> = {}
  for (let i = 0; i < keys.length; i++) view[keys[i] as string] = row[i]
  return view as unknown as NodeView
}

async function markerRow(db: Queryable, page: Page, uuid: string) {
  const sorted = sortColumn(nodes, page.sortKey)
  const key = Object.entries(getTableColumns(nodes)).find(([, c]) => c.name === sorted.name)?.[0]
  const columns = { id: nodes.id, [key ?? 'id']: sorted }
  const [row] = await db.select(columns).from(nodes).where(eq(nodes.uuid, uuid)).limit(1)
  if (row === undefined) throw new ObjectNotFound('Node', uuid)
  return row
}

/** @throws ObjectNotFound 404 */
export async function chassisIdOf(db: Queryable, uuid: string): Promise<number> {
  const [row] = await db.select({ id: chassis.id }).from(chassis).where(eq(chassis.uuid, uuid))
  if (row === undefined) throw new ObjectNotFound('Chassis', uuid)
  return row.id
}
