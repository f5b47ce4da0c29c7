import { eq } from 'drizzle-orm'
import type { InspectionRuleRow } from '../../../db/rows.js'
import { inspectionRules } from '../../../db/schema/index.js'
import type { Queryable } from '../../../db/types.js'
import { Conflict, databaseFault, ObjectNotFound } from '../../../errors.js'
import { afterMarker, orderBy, type Page } from '../../paging.js'

/** @throws ObjectNotFound 404 */
export async function getRule(db: Queryable, uuid: string): Promise<InspectionRuleRow> {
  const [row] = await db
    .select()
    .from(inspectionRules)
    .where(eq(inspectionRules.uuid, uuid))
    .limit(1)
  if (row === undefined) throw new ObjectNotFound('Rule', uuid)
  return row
}

/** A page of rules; an empty marker is none. @throws ObjectNotFound when the marker is unknown */
export async function listRules(
  db: Queryable,
  page: Page,
  marker: string | undefined,
): Promise<InspectionRuleRow[]> {
  const from = marker ? await getRule(db, marker) : undefined
  return db
    .select()
    .from(inspectionRules)
    .where(from && afterMarker(inspectionRules, page, from))
    .orderBy(...orderBy(inspectionRules, page))
    .limit(page.limit)
}

export type RuleInsert = typeof inspectionRules.$inferInsert

/** @throws Conflict 409 on a UUID that exists */
export async function insertRule(db: Queryable, values: RuleInsert): Promise<InspectionRuleRow> {
  try {
    const [row] = await db.insert(inspectionRules).values(values).returning()
    return row as InspectionRuleRow
  } catch (e) {
    if (databaseFault(e)?.code !== '23505') throw e
    throw new Conflict(`A rule with UUID ${values.uuid} already exists.`)
  }
}

/** Nothing changed is nothing written. @throws ObjectNotFound 404 */
export async function updateRule(
  db: Queryable,
  row: InspectionRuleRow,
  changed: Partial<RuleInsert>,
  now: Date,
): Promise<InspectionRuleRow> {
  if (Object.keys(changed).length === 0) return row
  const [updated] = await db
    .update(inspectionRules)
    .set({ ...changed, updatedAt: now })
    .where(eq(inspectionRules.id, row.id))
    .returning()
  if (updated === undefined) throw new ObjectNotFound('Rule', row.uuid)
  return updated
}

export async function deleteRule(db: Queryable, row: InspectionRuleRow): Promise<void> {
  await db.delete(inspectionRules).where(eq(inspectionRules.id, row.id))
}
