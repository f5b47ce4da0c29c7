import { integer, pgTable, serial, unique, varchar } from 'drizzle-orm/pg-core'
import { lifecycle } from '../columns.js'
import { nodes } from './nodes.js'

/** Firmware component rows; columns, keys and indexes as upstream's table of the same name. */
export const firmwareInformation = pgTable(
  'firmware_information',
  {
    id: serial('id').primaryKey(),
    nodeId: integer('node_id')
      .notNull()
      .references(() => nodes.id, { onDelete: 'cascade' }),
    component: varchar('component', { length: 255 }).notNull(),
    initialVersion: varchar('initial_version', { length: 255 }).notNull(),
    currentVersion: varchar('current_version', { length: 255 }),
    lastVersionFlashed: varchar('last_version_flashed', { length: 255 }),
    vendor: varchar('vendor', { length: 255 }),
    model: varchar('model', { length: 255 }),
    serialNumber: varchar('serial_number', { length: 255 }),
    ...lifecycle,
  },
  (t) => [unique('uniq_nodecomponent0node_id0component').on(t.nodeId, t.component)],
)
