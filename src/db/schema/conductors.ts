import { boolean, pgTable, serial, unique, varchar } from 'drizzle-orm/pg-core'
import { jsonArray, lifecycle } from '../columns.js'

/** Conductor rows; columns, keys and indexes as upstream's table of the same name. */
export const conductors = pgTable(
  'conductors',
  {
    id: serial('id').primaryKey(),
    hostname: varchar('hostname', { length: 255 }).notNull(),
    drivers: jsonArray('drivers'),
    online: boolean('online').default(true),
    conductorGroup: varchar('conductor_group', { length: 255 }).notNull().default(''),
    ...lifecycle,
  },
  (t) => [unique('uniq_conductors0hostname').on(t.hostname)],
)
