import { index, boolean, integer, pgTable, serial, unique, varchar } from 'drizzle-orm/pg-core'
import { jsonObject, lifecycle } from '../columns.js'
import { nodes } from './nodes.js'
import { portgroups } from './portgroups.js'

/** Port rows; columns, keys and indexes as upstream's table of the same name. */
export const ports = pgTable(
  'ports',
  {
    id: serial('id').primaryKey(),
    uuid: varchar('uuid', { length: 64 }).notNull(),
    address: varchar('address', { length: 18 }),
    nodeId: integer('node_id').references(() => nodes.id, { onDelete: 'cascade' }),
    extra: jsonObject('extra'),
    localLinkConnection: jsonObject('local_link_connection'),
    portgroupId: integer('portgroup_id').references(() => portgroups.id, { onDelete: 'set null' }),
    pxeEnabled: boolean('pxe_enabled').default(true),
    internalInfo: jsonObject('internal_info'),
    physicalNetwork: varchar('physical_network', { length: 64 }),
    isSmartnic: boolean('is_smartnic').default(false),
    name: varchar('name', { length: 255 }),
    description: varchar('description', { length: 255 }),
    vendor: varchar('vendor', { length: 32 }),
    category: varchar('category', { length: 80 }),
    availableForDynamicPortgroup: boolean('available_for_dynamic_portgroup')
      .notNull()
      .default(true),
    ...lifecycle,
  },
  (t) => [
    unique('uniq_ports0address').on(t.address),
    unique('uniq_ports0uuid').on(t.uuid),
    unique('uniq_ports0name').on(t.name),
    index('ports_node_id_idx').on(t.nodeId),
    index('ports_portgroup_id_idx').on(t.portgroupId),
  ],
)
