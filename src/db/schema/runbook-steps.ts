import { index, integer, pgTable, serial, varchar } from 'drizzle-orm/pg-core'
import { jsonObject, lifecycle } from '../columns.js'
import { runbooks } from './runbooks.js'

/** Runbook step rows; columns, keys and indexes as upstream's table of the same name. */
export const runbookSteps = pgTable(
  'runbook_steps',
  {
    id: serial('id').primaryKey(),
    runbookId: integer('runbook_id')
      .notNull()
      .references(() => runbooks.id, { onDelete: 'cascade' }),
    interface: varchar('interface', { length: 255 }).notNull(),
    step: varchar('step', { length: 255 }).notNull(),
    args: jsonObject('args').notNull(),
    order: integer('order').notNull(),
    ...lifecycle,
  },
  (t) => [
    index('runbook_steps_runbook_id_idx').on(t.runbookId),
    index('runbook_steps_interface_idx').on(t.interface),
    index('runbook_steps_step_idx').on(t.step),
  ],
)
