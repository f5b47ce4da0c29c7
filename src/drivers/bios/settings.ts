import { and, eq } from 'drizzle-orm'
import { isAmong } from '../../db/many.js'
import type { Queryable } from '../../db/types.js'
import type { BiosSettingRow } from '../../db/rows.js'
import { biosSettings } from '../../db/schema/index.js'

/** A setting as hardware or a clean step's argument names it. */
export type BiosSetting = Pick<BiosSettingRow, 'name' | 'value'> &
  Partial<Omit<BiosSettingRow, 'nodeId' | 'createdAt' | 'updatedAt' | 'version'>>

/**
 * Makes the stored settings of a node those given: new ones are added, changed ones updated,
 * the rest removed (`BIOSSettingList.sync_node_setting`).
 */
export async function syncBiosSettings(
  orm: Queryable,
  nodeId: number,
  settings: readonly BiosSetting[],
  now: Date,
): Promise<void> {
  const stored = await orm.select().from(biosSettings).where(eq(biosSettings.nodeId, nodeId))
  const before = new Map(stored.map((row) => [row.name, row]))
  for (const setting of settings) {
    const row = before.get(setting.name)
    before.delete(setting.name)
    if (row === undefined) {
      await orm.insert(biosSettings).values({ ...setting, nodeId })
    } else if (differs(row, setting)) {
      await orm
        .update(biosSettings)
        .set({ ...setting, updatedAt: now })
        .where(and(eq(biosSettings.nodeId, nodeId), eq(biosSettings.name, setting.name)))
    }
  }
  await removeBiosSettings(orm, nodeId, [...before.keys()])
}

const differs = (row: BiosSettingRow, setting: BiosSetting): boolean =>
  (Object.keys(setting) as (keyof BiosSetting)[]).some(
    (key) => JSON.stringify(row[key] ?? null) !== JSON.stringify(setting[key] ?? null),
  )

/** Removes stored settings: those named, or all. */
export async function removeBiosSettings(
  orm: Queryable,
  nodeId: number,
  names?: readonly string[],
): Promise<void> {
  if (names?.length === 0) return
  const ofNode = eq(biosSettings.nodeId, nodeId)
  await orm
    .delete(biosSettings)
    .where(names === undefined ? ofNode : and(ofNode, isAmong(biosSettings.name, names)))
}
