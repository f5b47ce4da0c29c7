import { and, eq, getTableColumns, type SQL } from 'drizzle-orm'
import type { PgColumn } from 'drizzle-orm/pg-core'
import type { NodeRow } from '../../../db/rows.js'
import { allocations, chassis, nodes } from '../../../db/schema/index.js'
import type { Queryable } from '../../../db/types.js'
import { ObjectNotFound } from '../../../errors.js'
import { afterMarker, orderBy, sortColumn, type Page } from '../../paging.js'
import { isUuidLike } from '../../validation/formats.js'
import type { NodeView } from './fields.js'

/** Selects a node by what a client calls it: a UUID (as it was written) or a name. */
export const identifiedBy = (ident: string): SQL =>
  isUuidLike(ident) ? eq(nodes.uuid, ident) : eq(nodes.name, ident)

/** @returns null when there is none */
export async function findNode(db: Queryable, ident: string): Promise<NodeRow | null> {
  const [row] = await db.select().from(nodes).where(identifiedBy(ident)).limit(1)
  return row ?? null
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

/** Columns and expressions to select, by property name. */
export type Columns = Readonly<Record<string, PgColumn | SQL>>

/** One node with the columns asked for. */
export async function findView(
  db: Queryable,
  which: SQL,
  columns: Columns,
): Promise<NodeView | null> {
  const [row] = await db.select(columns).from(nodes).where(which).limit(1)
  return (row as NodeView | undefined) ?? null
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
  const rows = await db
    .select(columns)
    .from(nodes)
    .where(and(condition, from && afterMarker(nodes, page, from)))
    .orderBy(...orderBy(nodes, page))
    .limit(page.limit)
  return rows as unknown as NodeView[]
}

async function markerRow(db: Queryable, page: Page, uuid: string) {
  const sorted = sortColumn(nodes, page.sortKey)
  const key = Object.entries(getTableColumns(nodes)).find(([, c]) => c.name === sorted.name)?.[0]
  const columns: Columns = { id: nodes.id, [key ?? 'id']: sorted }
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
