import { index, integer, pgTable, serial, text, unique, varchar } from 'drizzle-orm/pg-core'
import { lifecycle } from '../columns.js'
import { nodes } from './nodes.js'

/** Node history rows; columns, keys and indexes as upstream's table of the same name. */
export const nodeHistory = pgTable(
  'node_history',
  {
    id: serial('id').primaryKey(),
    uuid: varchar('uuid', { length: 64 }).notNull(),
    conductor: varchar('conductor', { length: 255 }),
    eventType: varchar('event_type', { length: 255 }),
    severity: varchar('severity', { length: 255 }),
    event: text('event'),
    user: text('user'),
    project: text('project'),
    nodeId: integer('node_id').references(() => nodes.id, { onDelete: 'cascade' }),
    state: varchar('state', { length: 255 }),
    targetProvisionState: varchar('target_provision_state', { length: 255 }),
    durationSeconds: integer('duration_seconds'),
    ...lifecycle,
  },
  (t) => [
    unique('uniq_history0uuid').on(t.uuid),
    index('node_history_history_node_id_idx').on(t.nodeId),
    index('node_history_history_uuid_idx').on(t.uuid),
    index('node_history_history_conductor_idx').on(t.conductor),
  ],
)
