import { pgTable, serial, unique, varchar } from 'drizzle-orm/pg-core'
import { jsonObject, lifecycle } from '../columns.js'

/** Chassis rows; columns, keys and indexes as upstream's table of the same name. */
export const chassis = pgTable(
  'chassis',
  {
    id: serial('id').primaryKey(),
    uuid: varchar('uuid', { length: 64 }).notNull(),
    extra: jsonObject('extra'),
    description: varchar('description', { length: 255 }),
    ...lifecycle,
  },
  (t) => [unique('uniq_chassis0uuid').on(t.uuid)],
)
