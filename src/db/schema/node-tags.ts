import { index, integer, pgTable, primaryKey, varchar } from 'drizzle-orm/pg-core'
import { lifecycle } from '../columns.js'
import { nodes } from './nodes.js'

/** Node tag rows; columns, keys and indexes as upstream's table of the same name. */
export const nodeTags = pgTable(
  'node_tags',
  {
    nodeId: integer('node_id')
      .notNull()
      .references(() => nodes.id, { onDelete: 'cascade' }),
    tag: varchar('tag', { length: 255 }).notNull(),
    ...lifecycle,
  },
  (t) => [primaryKey({ columns: [t.nodeId, t.tag] }), index('node_tags_idx').on(t.tag)],
)
