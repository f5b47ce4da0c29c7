import { pgTable, unique, varchar } from 'drizzle-orm/pg-core'
import { timestampTz } from '../columns.js'

/** Addresses given to machines, so that every process gives a machine the same one. */
export const dhcpLeases = pgTable(
  'ferric_dhcp_leases',
  {
    address: varchar('address', { length: 45 }).primaryKey(),
    mac: varchar('mac', { length: 18 }).notNull(),
    /** The range it is of: a machine has one address in each. */
    range: varchar('range', { length: 100 }).notNull(),
    givenAt: timestampTz('given_at').notNull(),
    expiresAt: timestampTz('expires_at').notNull(),
  },
  (t) => [unique('uniq_ferric_dhcp_leases0mac0range').on(t.mac, t.range)],
)
