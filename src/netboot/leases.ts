import { and, eq, lt } from 'drizzle-orm'
import { dhcpLeases } from '../db/schema/index.js'
import type { NetbootContext } from './machines.js'
import { addressOf, inNetwork, numberOf } from './ranges.js'
import type { AddressRange } from './ranges.js'

/**
 * Addresses of machines, kept in the database: every process gives a machine the same one, again
 * and again, as long as there are free ones for others.
 */

/** Two processes that give out addresses at the same time may collide; the loser looks again. */
const attempts = 20
/** An address somebody else uses is left alone for a day. */
const declinedMs = 24 * 3600_000
const nobody = 'declined'

/**
 * The machine's address in a range, held for `seconds` from now.
 * @param without addresses that may not be given: our own
 * @returns null when the range is full
 */
export async function leaseFor(
  ctx: NetbootContext,
  range: AddressRange,
  mac: string,
  without: readonly string[] = [],
): Promise<string | null> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const own = await renew(ctx, range, mac)
    if (own !== null) return own
    const free = await freeAddress(ctx, range, without)
    if (free === null) return null
    await take(ctx, range, mac, free)
  }
  return null
}

const expiry = ({ clock, config }: NetbootContext): Date =>
  new Date(clock.now().getTime() + config.ferric.dhcp_lease_time * 1000)

async function renew(
  ctx: NetbootContext,
  range: AddressRange,
  mac: string,
): Promise<string | null> {
  const [row] = await ctx.db.orm
    .update(dhcpLeases)
    .set({ expiresAt: expiry(ctx) })
    .where(and(eq(dhcpLeases.mac, mac), eq(dhcpLeases.range, range.text)))
    .returning({ address: dhcpLeases.address })
  if (row === undefined) return null
  return inNetwork(range, row.address) ? row.address : null
}

/** The lowest address nobody has; else the one whose lease ended first. */
async function freeAddress(
  ctx: NetbootContext,
  range: AddressRange,
  without: readonly string[],
): Promise<string | null> {
  const rows = await ctx.db.orm
    .select({ address: dhcpLeases.address, expiresAt: dhcpLeases.expiresAt })
    .from(dhcpLeases)
    .where(eq(dhcpLeases.range, range.text))
  const taken = new Set([...rows.map(({ address }) => address), ...without].map(numberOf))
  for (let value = range.first; value <= range.last; value++) {
    if (!taken.has(value)) return addressOf(range.family, value)
  }
  const now = ctx.clock.now()
  const ended = rows.filter(({ expiresAt }) => expiresAt < now)
  return ended.toSorted((a, b) => a.expiresAt.getTime() - b.expiresAt.getTime())[0]?.address ?? null
}

/** Takes a free address, or one whose lease has ended. Nothing happens when another was quicker. */
async function take(
  ctx: NetbootContext,
  range: AddressRange,
  mac: string,
  address: string,
): Promise<void> {
  const now = ctx.clock.now()
  const values = { address, mac, range: range.text, givenAt: now, expiresAt: expiry(ctx) }
  await ctx.db.orm.transaction(async (tx) => {
    await tx
      .delete(dhcpLeases)
      .where(and(eq(dhcpLeases.address, address), lt(dhcpLeases.expiresAt, now)))
    await tx.insert(dhcpLeases).values(values).onConflictDoNothing()
  })
}

/** The machine found its address in use (DHCPDECLINE): nobody gets it for a day. */
export async function declineLease(
  ctx: NetbootContext,
  address: string,
  mac: string,
): Promise<void> {
  const expiresAt = new Date(ctx.clock.now().getTime() + declinedMs)
  await ctx.db.orm
    .update(dhcpLeases)
    .set({ mac: `${nobody} ${address}`.slice(0, 18), expiresAt })
    .where(and(eq(dhcpLeases.address, address), eq(dhcpLeases.mac, mac)))
}
