import { and, asc, desc, eq, inArray } from 'drizzle-orm'
import type { TimelineRow } from '../../../db/rows.js'
import { timeline } from '../../../db/schema/index.js'
import type { Queryable } from '../../../db/types.js'
import { Invalid } from '../../../errors.js'
import { afterMarker, type Page } from '../../paging.js'

/**
 * A page of a node's entries after the marker, by the time they happened.
 * @throws Invalid 400 for a marker that is none of the node's, or is purged
 */
export async function listEntries(
  db: Queryable,
  nodeId: number,
  { limit, sortDir }: Page,
  { marker, kind }: { marker?: number | undefined; kind?: readonly string[] | undefined },
): Promise<TimelineRow[]> {
  const byTime = { limit, sortDir, sortKey: 'at' }
  const from = marker === undefined ? undefined : await entryOf(db, nodeId, marker)
  const direction = sortDir === 'asc' ? asc : desc
  const kinds = kind === undefined ? undefined : inArray(timeline.kind, [...kind])
  return await db
    .select()
    .from(timeline)
    .where(and(eq(timeline.nodeId, nodeId), kinds, from && afterMarker(timeline, byTime, from)))
    .orderBy(direction(timeline.at), direction(timeline.id))
    .limit(limit)
}

async function entryOf(db: Queryable, nodeId: number, id: number): Promise<TimelineRow> {
  const mine = and(eq(timeline.nodeId, nodeId), eq(timeline.id, id))
  const [row] = await db.select().from(timeline).where(mine)
  if (row === undefined) {
    throw new Invalid(`The node's timeline has no entry ${id} (any more): begin without a marker.`)
  }
  return row
}
