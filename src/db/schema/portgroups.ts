import { index, boolean, integer, pgTable, serial, unique, varchar } from 'drizzle-orm/pg-core'
import { jsonObject, lifecycle } from '../columns.js'
import { nodes } from './nodes.js'

/** Port group rows; columns, keys and indexes as upstream's table of the same name. */
export const portgroups = pgTable(
  'portgroups',
  {
    id: serial('id').primaryKey(),
    uuid: varchar('uuid', { length: 64 }).notNull(),
    name: varchar('name', { length: 255 }),
    nodeId: integer('node_id').references(() => nodes.id, { onDelete: 'cascade' }),
    address: varchar('address', { length: 18 }),
    extra: jsonObject('extra'),
    internalInfo: jsonObject('internal_info'),
    standalonePortsSupported: boolean('standalone_ports_supported').default(true),
    mode: varchar('mode', { length: 255 }),
    properties: jsonObject('properties'),
    physicalNetwork: varchar('physical_network', { length: 64 }),
    category: varchar('category', { length: 80 }),
    dynamicPortgroup: boolean('dynamic_portgroup').default(false),
    ...lifecycle,
  },
  (t) => [
    unique('uniq_portgroups0uuid').on(t.uuid),
    unique('uniq_portgroups0address').on(t.address),
    unique('uniq_portgroups0name').on(t.name),
    index('portgroups_node_id_idx').on(t.nodeId),
  ],
)
