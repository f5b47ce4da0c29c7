import { index, integer, pgTable, serial, text, unique, varchar } from 'drizzle-orm/pg-core'
import { jsonArray, jsonObject, lifecycle } from '../columns.js'

/** Allocation rows; columns, keys and indexes as upstream's table of the same name. */
export const allocations = pgTable(
  'allocations',
  {
    id: serial('id').primaryKey(),
    uuid: varchar('uuid', { length: 64 }).notNull(),
    name: varchar('name', { length: 255 }),
    nodeId: integer('node_id'),
    state: varchar('state', { length: 15 }).notNull(),
    owner: varchar('owner', { length: 1024 }),
    lastError: text('last_error'),
    resourceClass: varchar('resource_class', { length: 80 }),
    traits: jsonArray('traits'),
    candidateNodes: jsonArray('candidate_nodes'),
    extra: jsonObject('extra'),
    conductorAffinity: integer('conductor_affinity'),
    ...lifecycle,
  },
  (t) => [
    unique('uniq_allocations0name').on(t.name),
    unique('uniq_allocations0uuid').on(t.uuid),
    index('allocations_node_id_idx').on(t.nodeId),
    index('allocations_state_idx').on(t.state),
  ],
)
