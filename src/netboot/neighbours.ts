import { readFile } from 'node:fs/promises'
import { and, eq, ne } from 'drizzle-orm'
import { dhcpLeases } from '../db/schema/index.js'
import { macOfLinkLocal } from '../protocols/dhcp/addresses.js'
import type { NetbootContext } from './machines.js'

const table = '/proc/net/arp'

/**
 * Returns the MAC of an address by the leases, else by the kernel's table of neighbours. null when
 * neither has it, for example for a machine behind a router with another DHCP server.
 */
export async function macAt(ctx: NetbootContext, address: string): Promise<string | null> {
  const plain = address.replace(/^::ffff:/, '')
  if (plain.includes(':') && plain.startsWith('fe80')) return macOfLinkLocal(plain)
  const [lease] = await ctx.db.orm
    .select({ mac: dhcpLeases.mac })
    .from(dhcpLeases)
    .where(and(eq(dhcpLeases.address, plain), ne(dhcpLeases.state, 'declined')))
    .limit(1)
  return lease?.mac ?? (await neighbourMac(plain))
}

/** "IP address  HW type  Flags  HW address  Mask  Device", one neighbour a line. */
async function neighbourMac(address: string): Promise<string | null> {
  const text = await readFile(table, 'utf8').catch(() => '')
  const line = text.split('\n').find((row) => row.split(/\s+/)[0] === address)
  const mac = line?.split(/\s+/)[3]
  return mac === undefined || mac === '00:00:00:00:00:00' ? null : mac
}
