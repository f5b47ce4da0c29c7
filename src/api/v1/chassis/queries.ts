import { eq } from 'drizzle-orm'
import type { ChassisRow } from '../../../db/rows.js'
import { chassis, nodes } from '../../../db/schema/index.js'
import type { Queryable } from '../../../db/types.js'
import { Conflict, databaseFault, Invalid, ObjectNotFound } from '../../../errors.js'
import { afterMarker, orderBy, type Page } from '../../paging.js'

/** @throws ObjectNotFound 404 */
export async function getChassis(db: Queryable, uuid: string): Promise<ChassisRow> {
  const [row] = await db.select().from(chassis).where(eq(chassis.uuid, uuid)).limit(1)
  if (row === undefined) throw new ObjectNotFound('Chassis', uuid)
  return row
}

/** A page of rows after the marker. @throws ObjectNotFound when the marker does not exist */
export async function listChassis(
  db: Queryable,
  page: Page,
  marker: string | undefined,
): Promise<ChassisRow[]> {
  const from = marker === undefined ? undefined : await getChassis(db, marker)
  return db
    .select()
    .from(chassis)
    .where(from && afterMarker(chassis, page, from))
    .orderBy(...orderBy(chassis, page))
    .limit(page.limit)
}

type ChassisInsert = typeof chassis.$inferInsert

/** @throws Conflict 409 on a UUID that exists */
export async function insertChassis(db: Queryable, values: ChassisInsert): Promise<ChassisRow> {
  try {
    const [row] = await db.insert(chassis).values(values).returning()
    return row as ChassisRow
  } catch (e) {
    if (databaseFault(e)?.code !== '23505') throw e
    throw new Conflict(`A chassis with UUID ${values.uuid} already exists.`)
  }
}

export async function updateChassis(
  db: Queryable,
  row: ChassisRow,
  values: Partial<ChassisInsert>,
): Promise<ChassisRow> {
  const [updated] = await db.update(chassis).set(values).where(eq(chassis.id, row.id)).returning()
  if (updated === undefined) throw new ObjectNotFound('Chassis', row.uuid)
  return updated
}

/** @throws Invalid 400 while nodes belong to it */
export async function deleteChassis(db: Queryable, row: ChassisRow): Promise<void> {
  const [child] = await db
    .select({ id: nodes.id })
    .from(nodes)
    .where(eq(nodes.chassisId, row.id))
    .limit(1)
  if (child !== undefined) {
    throw new Invalid(
      `Cannot complete the requested action because chassis ${row.uuid} contains nodes.`,
    )
  }
  await db.delete(chassis).where(eq(chassis.id, row.id))
}
