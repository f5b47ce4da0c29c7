import { eq, inArray, type SQL } from 'drizzle-orm'
import type { NodeRow } from '../../../db/rows.js'
import { allocations, chassis, nodes } from '../../../db/schema/index.js'
import type { Queryable } from '../../../db/types.js'
import { ObjectNotFound } from '../../../errors.js'
import { isUuidLike } from '../../validation/formats.js'

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

/** UUIDs of nodes by internal id, for pages of objects that belong to nodes. */
export async function nodeUuids(
  db: Queryable,
  ids: readonly number[],
): Promise<ReadonlyMap<number, string>> {
  if (ids.length === 0) return new Map()
  const rows = await db
    .select({ id: nodes.id, uuid: nodes.uuid })
    .from(nodes)
    .where(inArray(nodes.id, [...new Set(ids)]))
  return new Map(rows.map((r) => [r.id, r.uuid]))
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
