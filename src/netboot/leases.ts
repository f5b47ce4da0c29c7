import { and, desc, eq, gt, inArray, lte, ne, or, sql } from 'drizzle-orm'
import type { SQL } from 'drizzle-orm'
import { dhcpLeases } from '../db/schema/index.js'
import type { NetbootContext } from './machines.js'
import { addressOf, inNetwork, inRange, networkOf, numberOf } from './ranges.js'
import type { AddressRange } from './ranges.js'

/**
 * Addresses of machines, kept in the database. Every process gives a machine the same address, and
 * gives it the same one again as long as other addresses are free.
 *
 * An offer keeps an address for a short time. It becomes a lease by the request that names this
 * server (RFC 2131, 4.3.2), and while a range is full its oldest offer gives way to the next machine.
 */

/** Two processes may choose the same address at the same time. The slower one chooses again. */
const attempts = 20
const offerMs = 120_000
/** The time for which dnsmasq leaves a declined address alone, too. */
const declinedMs = 600_000
/** Any host on the link can forge a DECLINE, so a machine blocks few addresses at a time. */
const mostDeclined = 3
/** Firmware, boot program and operating system each have an association of their own (DHCPv6). */
export const mostAssociations = 8

/** The ranges of one network, and the addresses in it that are not for machines. */
export interface AddressPool {
  readonly ranges: readonly AddressRange[]
  readonly reserved: readonly string[]
}

export interface LeaseHolder {
  readonly mac: string
  /** IAID of DHCPv6; 0 for DHCPv4. */
  readonly association: number
}

/** The pool of the network that an address is in; null when no range is in that network. */
export function poolAt(
  ranges: readonly AddressRange[],
  reserved: readonly string[],
  address: string,
): AddressPool | null {
  const inThatNetwork = ranges.filter((range) => inNetwork(range, address))
  return inThatNetwork.length === 0 ? null : { ranges: inThatNetwork, reserved }
}

/** The range of the pool that holds an address. */
export const rangeOf = ({ ranges }: AddressPool, address: string): AddressRange | undefined =>
  ranges.find((range) => inRange(range, address))

/**
 * Returns the address to offer to a machine: its own, else the one it prefers, else a free one. The
 * address is kept for it for two minutes. Returns null when every address is leased or declined.
 */
export async function offerAddress(
  ctx: NetbootContext,
  pool: AddressPool,
  holder: LeaseHolder,
  preferred: string | null = null,
): Promise<string | null> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const own = await ownAddress(ctx, pool, holder)
    if (own !== null) return own
    const choice = await chooseAddress(ctx, pool, holder, preferred)
    if (choice === null) return null
    const { address, evicts } = choice
    if (await take(ctx, pool, holder, address, { state: 'offered', evicts })) return address
  }
  return null
}

/**
 * Leases an address to the machine that requests it.
 * @param selecting the request names this server, so that it answers an offer: the address may be
 *   taken from another machine that was offered it since
 * @returns false when the machine may not have it
 */
export async function leaseAddress(
  ctx: NetbootContext,
  pool: AddressPool,
  holder: LeaseHolder,
  address: string,
  { selecting }: { selecting: boolean },
): Promise<boolean> {
  if (!isForMachines(pool, address)) return false
  if (await renewLease(ctx, holder, address)) return true
  const live = await addressesOf(ctx, pool, holder, gt(dhcpLeases.expiresAt, ctx.clock.now()))
  if (live.length > 0) return false
  return take(ctx, pool, holder, address, { state: 'leased', evicts: selecting })
}

/**
 * Leases an address once more to the machine that has it or was offered it.
 * @returns false when it is not the machine's
 */
export async function renewLease(
  ctx: NetbootContext,
  holder: LeaseHolder,
  address: string,
): Promise<boolean> {
  const expiresAt = after(ctx, ctx.config.ferric.dhcp_lease_time * 1000)
  const renewed = await ctx.db.orm
    .update(dhcpLeases)
    .set({ state: 'leased', expiresAt })
    .where(and(isOf(holder), eq(dhcpLeases.address, address)))
    .returning({ address: dhcpLeases.address })
  return renewed.length > 0
}

/**
 * The machine found its address in use (DHCPDECLINE). No machine gets it for ten minutes. A machine
 * blocks three addresses at most; beyond them its oldest one is used again before the range is full.
 * @returns whether the address was the machine's
 */
export async function declineLease(
  ctx: NetbootContext,
  mac: string,
  address: string,
): Promise<boolean> {
  const declined = await ctx.db.orm
    .update(dhcpLeases)
    .set({ state: 'declined', expiresAt: after(ctx, declinedMs) })
    .where(and(isOfMac(mac), eq(dhcpLeases.address, address)))
    .returning({ address: dhcpLeases.address })
  if (declined.length === 0) return false
  const now = ctx.clock.now()
  const blocked = and(
    eq(dhcpLeases.mac, mac),
    eq(dhcpLeases.state, 'declined'),
    gt(dhcpLeases.expiresAt, now),
  )
  const beyond = ctx.db.orm
    .select({ address: dhcpLeases.address })
    .from(dhcpLeases)
    .where(blocked)
    .orderBy(desc(dhcpLeases.expiresAt))
    .offset(mostDeclined)
  await ctx.db.orm
    .update(dhcpLeases)
    .set({ expiresAt: now })
    .where(inArray(dhcpLeases.address, beyond))
  return true
}

/**
 * The machine gives its address back. It gets the same one again unless another machine needs it.
 * @returns whether the address was the machine's
 */
export async function releaseLease(
  ctx: NetbootContext,
  mac: string,
  address: string,
): Promise<boolean> {
  const released = await ctx.db.orm
    .update(dhcpLeases)
    .set({ expiresAt: ctx.clock.now() })
    .where(and(isOfMac(mac), eq(dhcpLeases.address, address)))
    .returning({ address: dhcpLeases.address })
  return released.length > 0
}

const after = ({ clock }: NetbootContext, ms: number): Date => new Date(clock.now().getTime() + ms)

const isOfMac = (mac: string): SQL | undefined =>
  and(eq(dhcpLeases.mac, mac), ne(dhcpLeases.state, 'declined'))

const isOf = ({ mac, association }: LeaseHolder): SQL | undefined =>
  and(isOfMac(mac), eq(dhcpLeases.association, association))

/** By the address and not by the text of the range, which an operator may have changed since. */
const isInNetworkOf = ({ ranges: [range] }: AddressPool): SQL =>
  range === undefined ? sql`false` : sql`${dhcpLeases.address}::inet <<= ${networkOf(range)}::cidr`

const isForMachines = (pool: AddressPool, address: string): boolean =>
  rangeOf(pool, address) !== undefined && !pool.reserved.includes(address)

/** Keeps the machine's own address for the length of an offer, without shortening a lease. */
async function ownAddress(
  ctx: NetbootContext,
  pool: AddressPool,
  holder: LeaseHolder,
): Promise<string | null> {
  const own = await addressesOf(ctx, pool, holder)
  const address = own.find((one) => isForMachines(pool, one))
  if (address === undefined) return null
  const now = ctx.clock.now().toISOString()
  const until = after(ctx, offerMs).toISOString()
  const kept = await ctx.db.orm
    .update(dhcpLeases)
    .set({
      state: sql`case when ${dhcpLeases.expiresAt} <= ${now} then 'offered' else ${dhcpLeases.state} end`,
      expiresAt: sql`greatest(${dhcpLeases.expiresAt}, ${until})`,
    })
    .where(and(isOf(holder), eq(dhcpLeases.address, address)))
    .returning({ address: dhcpLeases.address })
  return kept.length > 0 ? address : null
}

async function addressesOf(
  ctx: NetbootContext,
  pool: AddressPool,
  holder: LeaseHolder,
  more?: SQL,
): Promise<string[]> {
  const rows = await ctx.db.orm
    .select({ address: dhcpLeases.address })
    .from(dhcpLeases)
    .where(and(isOf(holder), isInNetworkOf(pool), more))
  return rows.map(({ address }) => address)
}

interface Choice {
  readonly address: string
  /** It is offered to another machine, which loses it. */
  readonly evicts: boolean
}

interface Row {
  readonly address: string
  readonly mac: string
  readonly state: string
  readonly expiresAt: Date
}

/**
 * The preferred address when it is free, else the lowest one that no machine had, else the one whose
 * lease ended first, else the one that was offered first. A machine with many associations gets
 * its own oldest one.
 */
async function chooseAddress(
  ctx: NetbootContext,
  pool: AddressPool,
  { mac }: LeaseHolder,
  preferred: string | null,
): Promise<Choice | null> {
  const { address, state, expiresAt } = dhcpLeases
  const rows: Row[] = await ctx.db.orm
    .select({ address, mac: dhcpLeases.mac, state, expiresAt })
    .from(dhcpLeases)
    .where(isInNetworkOf(pool))
  const oldestFirst = rows
    .filter((row) => isForMachines(pool, row.address))
    .toSorted((a, b) => a.expiresAt.getTime() - b.expiresAt.getTime())
  const own = oldestFirst.filter((row) => row.mac === mac && row.state !== 'declined')
  const now = ctx.clock.now()
  const free =
    (own.length >= mostAssociations ? own[0]?.address : undefined) ??
    unusedAddress(pool, rows, preferred) ??
    oldestFirst.find((row) => row.expiresAt <= now)?.address
  if (free !== undefined) return { address: free, evicts: false }
  const offered = oldestFirst.find((row) => row.state === 'offered')
  return offered === undefined ? null : { address: offered.address, evicts: true }
}

function unusedAddress(
  pool: AddressPool,
  rows: readonly Row[],
  preferred: string | null,
): string | null {
  const taken = new Set([...rows.map(({ address }) => address), ...pool.reserved].map(numberOf))
  if (preferred !== null && isForMachines(pool, preferred) && !taken.has(numberOf(preferred))) {
    return preferred
  }
  for (const { family, first, last } of pool.ranges) {
    for (let value = first; value <= last; value++) {
      if (!taken.has(value)) return addressOf(family, value)
    }
  }
  return null
}

/**
 * Takes an address that is free or whose time is over.
 * @returns false when another process was faster, or another machine has it
 */
async function take(
  ctx: NetbootContext,
  pool: AddressPool,
  holder: LeaseHolder,
  address: string,
  { state, evicts }: { state: 'offered' | 'leased'; evicts: boolean },
): Promise<boolean> {
  const range = rangeOf(pool, address)
  if (range === undefined) return false
  const now = ctx.clock.now()
  const ms = state === 'offered' ? offerMs : ctx.config.ferric.dhcp_lease_time * 1000
  const values = { ...holder, address, state, range: range.text }
  // A row of the machine itself is one of another association: it has too many of them.
  const mayGo = or(
    lte(dhcpLeases.expiresAt, now),
    isOfMac(holder.mac),
    evicts ? eq(dhcpLeases.state, 'offered') : undefined,
  )
  const ownBefore = and(
    isOf(holder),
    eq(dhcpLeases.range, range.text),
    or(lte(dhcpLeases.expiresAt, now), inArray(dhcpLeases.address, [...pool.reserved])),
  )
  return ctx.db.orm.transaction(async (tx) => {
    await tx.delete(dhcpLeases).where(or(and(eq(dhcpLeases.address, address), mayGo), ownBefore))
    const inserted = await tx
      .insert(dhcpLeases)
      .values({ ...values, givenAt: now, expiresAt: after(ctx, ms) })
      .onConflictDoNothing()
      .returning({ address: dhcpLeases.address })
    return inserted.length > 0
  })
}
