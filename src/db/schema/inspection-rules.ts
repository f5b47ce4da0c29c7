import { boolean, index, integer, pgTable, serial, unique, varchar } from 'drizzle-orm/pg-core'
import { jsonArray, lifecycle } from '../columns.js'

/** Inspection rule rows; columns, keys and indexes as upstream's table of the same name. */
export const inspectionRules = pgTable(
  'inspection_rules',
  {
    id: serial('id').primaryKey(),
    uuid: varchar('uuid', { length: 64 }).notNull(),
    priority: integer('priority').notNull().default(0),
    description: varchar('description', { length: 255 }),
    scope: varchar('scope', { length: 255 }),
    sensitive: boolean('sensitive').default(false),
    phase: varchar('phase', { length: 16 }).default('main'),
    conditions: jsonArray('conditions'),
    actions: jsonArray('actions').notNull(),
    ...lifecycle,
  },
  (t) => [
    unique('uniq_inspection_rules0uuid').on(t.uuid),
    index('inspection_rule_scope_idx').on(t.scope),
    index('inspection_rule_phase_idx').on(t.phase),
  ],
)
