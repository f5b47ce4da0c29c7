import { bigint, boolean, integer, pgTable, primaryKey, text, varchar } from 'drizzle-orm/pg-core'
import { jsonArray, lifecycle } from '../columns.js'
import { nodes } from './nodes.js'

/** BIOS setting rows; columns, keys and indexes as upstream's table of the same name. */
export const biosSettings = pgTable(
  'bios_settings',
  {
    nodeId: integer('node_id')
      .notNull()
      .references(() => nodes.id, { onDelete: 'cascade' }),
    name: varchar('name', { length: 255 }).notNull(),
    value: text('value'),
    attributeType: varchar('attribute_type', { length: 255 }),
    allowableValues: jsonArray('allowable_values'),
    lowerBound: bigint('lower_bound', { mode: 'number' }),
    maxLength: integer('max_length'),
    minLength: integer('min_length'),
    readOnly: boolean('read_only'),
    resetRequired: boolean('reset_required'),
    unique: boolean('unique'),
    upperBound: bigint('upper_bound', { mode: 'number' }),
    ...lifecycle,
  },
  (t) => [primaryKey({ columns: [t.nodeId, t.name] })],
)
