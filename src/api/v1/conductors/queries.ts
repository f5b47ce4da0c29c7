import { eq } from 'drizzle-orm'
import type { ConductorRow } from '../../../db/rows.js'
import { conductors } from '../../../db/schema/index.js'
import type { Queryable } from '../../../db/types.js'
import { ObjectNotFound } from '../../../errors.js'
import { afterMarker, orderBy, type Page } from '../../paging.js'

/** A conductor, online or not. @throws ObjectNotFound 404 */
export async function getConductor(db: Queryable, hostname: string): Promise<ConductorRow> {
  const [row] = await db.select().from(conductors).where(eq(conductors.hostname, hostname)).limit(1)
  if (row === undefined) throw new ObjectNotFound('Conductor', hostname)
  return row
}

/** A page of rows after the marker. @throws ObjectNotFound when the marker does not exist */
export async function listConductors(
  db: Queryable,
  page: Page,
  marker: string | undefined,
): Promise<ConductorRow[]> {
  const from = marker === undefined ? undefined : await getConductor(db, marker)
  return await db
    .select()
    .from(conductors)
    .where(from && afterMarker(conductors, page, from))
    .orderBy(...orderBy(conductors, page))
    .limit(page.limit)
}
