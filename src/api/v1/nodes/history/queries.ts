import { and, eq } from 'drizzle-orm'
import type { NodeHistoryRow } from '../../../../db/rows.js'
import { nodeHistory } from '../../../../db/schema/index.js'
import type { Queryable } from '../../../../db/types.js'
import { ObjectNotFound } from '../../../../errors.js'
import { afterMarker, orderBy, type Page } from '../../../paging.js'

/** An event of a node. @throws ObjectNotFound 404, also for an event of another node */
export async function getEvent(
  db: Queryable,
  nodeId: number,
  uuid: string,
): Promise<NodeHistoryRow> {
  const [row] = await db
    .select()
    .from(nodeHistory)
    .where(and(eq(nodeHistory.nodeId, nodeId), eq(nodeHistory.uuid, uuid)))
    .limit(1)
  if (row === undefined) throw new ObjectNotFound('Node history record', uuid)
  return row
}

/** A page of a node's events after the marker. @throws ObjectNotFound for an unknown marker */
export async function listEvents(
  db: Queryable,
  nodeId: number,
  page: Page,
  marker: string | undefined,
): Promise<NodeHistoryRow[]> {
  const from = marker === undefined ? undefined : await getEvent(db, nodeId, marker)
  return await db
    .select()
    .from(nodeHistory)
    .where(and(eq(nodeHistory.nodeId, nodeId), from && afterMarker(nodeHistory, page, from)))
    .orderBy(...orderBy(nodeHistory, page))
    .limit(page.limit)
}
