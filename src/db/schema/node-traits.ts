import { index, integer, pgTable, primaryKey, varchar } from 'drizzle-orm/pg-core'
import { lifecycle } from '../columns.js'
import { nodes } from './nodes.js'

/** Node trait rows; columns, keys and indexes as upstream's table of the same name. */
export const nodeTraits = pgTable(
  'node_traits',
  {
    nodeId: integer('node_id')
      .notNull()
      .references(() => nodes.id, { onDelete: 'cascade' }),
    trait: varchar('trait', { length: 255 }).notNull(),
    ...lifecycle,
  },
  (t) => [primaryKey({ columns: [t.nodeId, t.trait] }), index('node_traits_idx').on(t.trait)],
)
