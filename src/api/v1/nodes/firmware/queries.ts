import { asc, eq } from 'drizzle-orm'
import type { FirmwareComponentRow } from '../../../../db/rows.js'
import { firmwareInformation } from '../../../../db/schema/index.js'
import type { Queryable } from '../../../../db/types.js'

/** The components of a node, in the order in which they were found. */
export async function listFirmware(db: Queryable, nodeId: number): Promise<FirmwareComponentRow[]> {
  return await db
    .select()
    .from(firmwareInformation)
    .where(eq(firmwareInformation.nodeId, nodeId))
    .orderBy(asc(firmwareInformation.id))
}
