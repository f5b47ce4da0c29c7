import { index, integer, pgTable, serial, unique, varchar } from 'drizzle-orm/pg-core'
import { jsonObject, lifecycle } from '../columns.js'
import { nodes } from './nodes.js'

/** Volume connector rows; columns, keys and indexes as upstream's table of the same name. */
export const volumeConnectors = pgTable(
  'volume_connectors',
  {
    id: serial('id').primaryKey(),
    uuid: varchar('uuid', { length: 64 }).notNull(),
    nodeId: integer('node_id').references(() => nodes.id, { onDelete: 'cascade' }),
    type: varchar('type', { length: 1024 }),
    connectorId: varchar('connector_id', { length: 1024 }),
    extra: jsonObject('extra'),
    ...lifecycle,
  },
  (t) => [
    unique('uniq_volumeconnectors0uuid').on(t.uuid),
    unique('uniq_volumeconnectors0type0connector_id').on(t.type, t.connectorId),
    index('volume_connectors_node_id_idx').on(t.nodeId),
  ],
)
