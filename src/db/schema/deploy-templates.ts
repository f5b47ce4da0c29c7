import { pgTable, serial, unique, varchar } from 'drizzle-orm/pg-core'
import { jsonObject, lifecycle } from '../columns.js'

/** Deploy template rows; columns, keys and indexes as upstream's table of the same name. */
export const deployTemplates = pgTable(
  'deploy_templates',
  {
    id: serial('id').primaryKey(),
    uuid: varchar('uuid', { length: 64 }).notNull(),
    name: varchar('name', { length: 255 }).notNull(),
    extra: jsonObject('extra'),
    ...lifecycle,
  },
  (t) => [
    unique('uniq_deploytemplates0uuid').on(t.uuid),
    unique('uniq_deploytemplates0name').on(t.name),
  ],
)
