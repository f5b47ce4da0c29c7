import { index, integer, pgTable, primaryKey, varchar } from 'drizzle-orm/pg-core'
import { lifecycle } from '../columns.js'
import { runbooks } from './runbooks.js'

/** Runbook trait rows; columns, keys and indexes as upstream's table of the same name. */
export const runbookTraits = pgTable(
  'runbook_traits',
  {
    runbookId: integer('runbook_id')
      .notNull()
      .references(() => runbooks.id, { onDelete: 'cascade' }),
    trait: varchar('trait', { length: 255 }).notNull(),
    ...lifecycle,
  },
  (t) => [primaryKey({ columns: [t.runbookId, t.trait] }), index('runbook_traits_idx').on(t.trait)],
)
