import { desc, eq } from 'drizzle-orm'
import type { NodeInventoryRow } from '../../../../db/rows.js'
import { nodeInventory } from '../../../../db/schema/index.js'
import type { Queryable } from '../../../../db/types.js'
import { NotFound } from '../../../../errors.js'
import type { Handler } from '../../../request.js'
import { checkNodePolicy } from '../access.js'
import type { operations } from './contract.gen.js'

export const show: Handler<operations['nodeInventory.show']> = async (request) => {
  const { ctx, args } = request
  const node = await checkNodePolicy(request, 'baremetal:node:inventory:get', args.node_ident)
  const row = await latestInventory(ctx.db.orm, node.id)
  return {
    body: { inventory: row.inventoryData ?? {}, plugin_data: row.pluginData ?? {} },
  }
}

/** @throws NotFound 404, which names the internal id as upstream's does */
async function latestInventory(db: Queryable, nodeId: number): Promise<NodeInventoryRow> {
  const [row] = await db
    .select()
    .from(nodeInventory)
    .where(eq(nodeInventory.nodeId, nodeId))
    .orderBy(desc(nodeInventory.id))
    .limit(1)
  if (row === undefined) {
    throw new NotFound(`Node inventory record for node ${nodeId} could not be found.`)
  }
  return row
}
