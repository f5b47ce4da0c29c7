import { integer, pgTable, serial, unique, varchar } from 'drizzle-orm/pg-core'
import { jsonObject, lifecycle } from '../columns.js'
import { nodes } from './nodes.js'

/** Volume target rows; columns, keys and indexes as upstream's table of the same name. */
export const volumeTargets = pgTable(
  'volume_targets',
  {
    id: serial('id').primaryKey(),
    uuid: varchar('uuid', { length: 64 }).notNull(),
    nodeId: integer('node_id').references(() => nodes.id, { onDelete: 'cascade' }),
    volumeType: varchar('volume_type', { length: 1024 }),
    properties: jsonObject('properties'),
    bootIndex: integer('boot_index'),
    volumeId: varchar('volume_id', { length: 1024 }),
    extra: jsonObject('extra'),
    ...lifecycle,
  },
  (t) => [
    unique('uniq_volumetargets0uuid').on(t.uuid),
    unique('uniq_volumetargets0node_id0boot_index').on(t.nodeId, t.bootIndex),
  ],
)
