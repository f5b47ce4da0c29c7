import { eq } from 'drizzle-orm'
import { nodeTraits } from '../../../../db/schema/index.js'
import type { Queryable } from '../../../../db/types.js'

/** The traits of a node, sorted. */
export async function traitsOf(db: Queryable, nodeId: number): Promise<string[]> {
  const rows = await db
    .select({ trait: nodeTraits.trait })
    .from(nodeTraits)
    .where(eq(nodeTraits.nodeId, nodeId))
  return rows.map((r) => r.trait).sort()
}
