import { boolean, pgTable, serial, unique, varchar } from 'drizzle-orm/pg-core'
import { jsonObject, lifecycle } from '../columns.js'

/** Runbook rows; columns, keys and indexes as upstream's table of the same name. */
export const runbooks = pgTable(
  'runbooks',
  {
    id: serial('id').primaryKey(),
    uuid: varchar('uuid', { length: 64 }).notNull(),
    name: varchar('name', { length: 255 }).notNull(),
    description: varchar('description', { length: 255 }),
    public: boolean('public').default(false),
    owner: varchar('owner', { length: 1024 }),
    disableRamdisk: boolean('disable_ramdisk').default(false),
    extra: jsonObject('extra'),
    ...lifecycle,
  },
  (t) => [unique('uniq_runbooks0uuid').on(t.uuid), unique('uniq_runbooks0name').on(t.name)],
)
