import { eq } from 'drizzle-orm'
import type { AppContext } from '../../context.js'
import { nodeInventory } from '../../db/schema/index.js'
import type { Plain } from './plain.js'

/** Keeps what inspection found in the place of what it found before (`[inventory] data_backend`). */
export async function storeInventory(
  ctx: AppContext,
  nodeId: number,
  inventory: Plain,
  pluginData: Plain,
): Promise<void> {
  if (ctx.config.inventory.data_backend === 'none') return
  await ctx.db.orm.transaction(async (tx) => {
    await tx.delete(nodeInventory).where(eq(nodeInventory.nodeId, nodeId))
    await tx.insert(nodeInventory).values({
      nodeId,
      inventoryData: inventory,
      pluginData,
      createdAt: ctx.clock.now(),
    })
  })
}
