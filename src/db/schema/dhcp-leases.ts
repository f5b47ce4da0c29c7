import { sql } from 'drizzle-orm'
import { bigint, pgTable, uniqueIndex, varchar } from 'drizzle-orm/pg-core'
import { timestampTz } from '../columns.js'

/**
 * `offered`: kept for a machine until its request comes. `leased`: the machine requested it.
 * `declined`: the machine found it in use by another host.
 */
export type LeaseState = 'offered' | 'leased' | 'declined'

/** Addresses of machines, so that every process gives a machine the same one. */
export const dhcpLeases = pgTable(
  'ferric_dhcp_leases',
  {
    address: varchar('address', { length: 45 }).primaryKey(),
    mac: varchar('mac', { length: 18 }).notNull(),
    /** The `dhcp_range` it belongs to: a machine has one address in each. */
    range: varchar('range', { length: 100 }).notNull(),
    givenAt: timestampTz('given_at').notNull(),
    expiresAt: timestampTz('expires_at').notNull(),
    state: varchar('state', { length: 8 }).$type<LeaseState>().notNull().default('leased'),
    /** IAID of DHCPv6 (RFC 8415, 12); 0 for DHCPv4, where a machine has one address. */
    association: bigint('association', { mode: 'number' }).notNull().default(0),
  },
  (t) => [
    uniqueIndex('uniq_ferric_dhcp_leases0mac0range0association')
      .on(t.mac, t.range, t.association)
      .where(sql`${t.state} <> 'declined'`),
  ],
)
