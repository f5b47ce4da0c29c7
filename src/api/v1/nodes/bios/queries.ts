import { and, asc, eq, sql } from 'drizzle-orm'
import type { BiosSettingRow } from '../../../../db/rows.js'
import { biosSettings } from '../../../../db/schema/index.js'
import type { Queryable } from '../../../../db/types.js'

/** The settings of a node by name, capitals first whatever the database's collation. */
export async function listBiosSettings(db: Queryable, nodeId: number): Promise<BiosSettingRow[]> {
  return await db
    .select()
    .from(biosSettings)
    .where(eq(biosSettings.nodeId, nodeId))
    .orderBy(asc(sql`${biosSettings.name} collate "C"`))
}

/** @returns null when the node does not have the setting */
export async function findBiosSetting(
  db: Queryable,
  nodeId: number,
  name: string,
): Promise<BiosSettingRow | null> {
  const [row] = await db
    .select()
    .from(biosSettings)
    .where(and(eq(biosSettings.nodeId, nodeId), eq(biosSettings.name, name)))
    .limit(1)
  return row ?? null
}
