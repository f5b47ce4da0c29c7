import { index, integer, pgTable, serial } from 'drizzle-orm/pg-core'
import { jsonObject, lifecycle } from '../columns.js'
import { nodes } from './nodes.js'

/** Node inventory rows; columns, keys and indexes as upstream's table of the same name. */
export const nodeInventory = pgTable(
  'node_inventory',
  {
    id: serial('id').primaryKey(),
    inventoryData: jsonObject('inventory_data'),
    pluginData: jsonObject('plugin_data'),
    nodeId: integer('node_id').references(() => nodes.id, { onDelete: 'cascade' }),
    ...lifecycle,
  },
  (t) => [index('node_inventory_inventory_node_id_idx').on(t.nodeId)],
)
