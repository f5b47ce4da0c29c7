import { boolean, integer, pgTable, serial, unique, varchar } from 'drizzle-orm/pg-core'
import { lifecycle } from '../columns.js'
import { conductors } from './conductors.js'

/** Conductor hardware interface rows; columns, keys and indexes as upstream's table of the same name. */
export const conductorHardwareInterfaces = pgTable(
  'conductor_hardware_interfaces',
  {
    id: serial('id').primaryKey(),
    conductorId: integer('conductor_id')
      .notNull()
      .references(() => conductors.id, { onDelete: 'cascade' }),
    hardwareType: varchar('hardware_type', { length: 255 }).notNull(),
    interfaceType: varchar('interface_type', { length: 16 }).notNull(),
    interfaceName: varchar('interface_name', { length: 255 }).notNull(),
    default: boolean('default').notNull().default(false),
    ...lifecycle,
  },
  (t) => [
    unique('uniq_conductorhardwareinterfaces0').on(
      t.conductorId,
      t.hardwareType,
      t.interfaceType,
      t.interfaceName,
    ),
  ],
)
