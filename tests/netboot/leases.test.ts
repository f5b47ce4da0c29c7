import { eq } from 'drizzle-orm'
import { beforeEach, describe, expect, it } from 'vitest'
import { dhcpLeases } from '../../src/db/schema/index.js'
import {
  declineLease,
  leaseAddress,
  offerAddress,
  poolAt,
  releaseLease,
  renewLease,
} from '../../src/netboot/leases.js'
import type { AddressPool } from '../../src/netboot/leases.js'
import { readRange } from '../../src/netboot/ranges.js'
import { netbootBed } from './_bed.js'

const bed = netbootBed()
const reserved = ['203.0.113.2']
const pool = poolOf('203.0.113.1-203.0.113.3/24')

function poolOf(...ranges: string[]): AddressPool {
  const [range = ''] = ranges
  return poolAt(ranges.map(readRange), reserved, range.split('-')[0] ?? '')!
}

beforeEach(() => bed.ctx.db.orm.delete(dhcpLeases))

const holder = (mac: string) => ({ mac, association: 0 })
const offer = (mac: string, from = pool) => offerAddress(bed.ctx, from, holder(mac))
const lease = (mac: string, address: string, from = pool, selecting = true) =>
  leaseAddress(bed.ctx, from, holder(mac), address, { selecting })
const decline = (mac: string, address: string) => declineLease(bed.ctx, mac, address)
const seconds = (count: number) => bed.ctx.clock.sleep(count * 1000)
const leaseTime = () => bed.ctx.config.ferric.dhcp_lease_time

async function offerAndLease(mac: string, from = pool): Promise<string | null> {
  const address = await offer(mac, from)
  if (address === null || (await lease(mac, address, from))) return address
  throw new Error(`${address} was offered to ${mac}, which may not lease it`)
}

describe('an offer', () => {
  it('names the same address until it is requested, and never one of this host', async () => {
    expect([await offer('a'), await offer('b'), await offer('a')]).toEqual([
      '203.0.113.1',
      '203.0.113.3',
      '203.0.113.1',
    ])
  })

  it('ends after two minutes unless the machine requests the address', async () => {
    await offer('a')
    await offerAndLease('b')
    await seconds(121)
    expect(await offer('c')).toBe('203.0.113.1')
    expect(await lease('c', '203.0.113.1')).toBe(true)
    expect(await offer('a')).toBeNull()
    expect(await lease('a', '203.0.113.1')).toBe(false)
  })

  it('gives way when the range is full, the oldest one first, and a lease does not', async () => {
    await offer('a')
    await seconds(1)
    await offerAndLease('b')
    expect(await offer('c')).toBe('203.0.113.1')
    expect(await lease('c', '203.0.113.1')).toBe(true)
    expect(await offer('d')).toBeNull()
    expect(await lease('a', '203.0.113.1')).toBe(false)
  })

  it('still becomes a lease when another machine was offered the address since', async () => {
    await offer('a')
    await seconds(1)
    await offerAndLease('b')
    await offer('c')
    expect(await lease('a', '203.0.113.1')).toBe(true)
    expect(await lease('c', '203.0.113.1')).toBe(false)
  })

  it('prefers the address that the machine requests, if it is free', async () => {
    const wanting = (mac: string, address: string) =>
      offerAddress(bed.ctx, pool, holder(mac), address)
    expect(await wanting('a', '203.0.113.3')).toBe('203.0.113.3')
    expect(await wanting('b', '203.0.113.3')).toBe('203.0.113.1')
    await bed.ctx.db.orm.delete(dhcpLeases)
    expect(await wanting('c', '203.0.113.2')).toBe('203.0.113.1')
    expect(await wanting('d', '198.51.100.9')).toBe('203.0.113.3')
  })

  it('does not shorten a lease', async () => {
    await offerAndLease('a')
    await seconds(leaseTime() - 600)
    await offer('a')
    await seconds(500)
    const [row] = await bed.ctx.db.orm.select().from(dhcpLeases)
    expect(row).toMatchObject({ state: 'leased' })
    expect(row!.expiresAt > bed.ctx.clock.now()).toBe(true)
  })

  it('goes to one machine only when many machines request one at once', async () => {
    const many = poolOf('203.0.113.50-203.0.113.90/24')
    const offers = await Promise.all(Array.from({ length: 10 }, (_, i) => offer(`mac ${i}`, many)))
    expect(new Set(offers).size).toBe(10)
  })

  it('is the same for requests that a machine repeats at once', async () => {
    const many = poolOf('203.0.113.50-203.0.113.90/24')
    const offers = await Promise.all(Array.from({ length: 10 }, () => offer('same', many)))
    expect(new Set(offers).size).toBe(1)
  })

  it('comes from the second range of a network when the first one is full', async () => {
    const two = poolOf('203.0.113.10-203.0.113.11/24', '203.0.113.20-203.0.113.29/24')
    const addresses = []
    for (const mac of ['a', 'b', 'c']) addresses.push(await offerAndLease(mac, two))
    expect(addresses).toEqual(['203.0.113.10', '203.0.113.11', '203.0.113.20'])
    expect(await offer('c', two)).toBe('203.0.113.20')
  })

  it('passes over addresses that are leased from a range that was configured before', async () => {
    await offerAndLease('a')
    const changed = poolOf('203.0.113.1-203.0.113.9/24')
    expect(await offer('b', changed)).toBe('203.0.113.3')
    expect(await offer('a', changed)).toBe('203.0.113.1')
  })
})

describe('a lease', () => {
  it('goes to another machine when its time is over', async () => {
    await offerAndLease('a')
    await offerAndLease('b')
    expect(await offer('c')).toBeNull()
    await seconds(leaseTime() + 1)
    expect(await offerAndLease('b')).toBe('203.0.113.3')
    expect(await offerAndLease('c')).toBe('203.0.113.1')
    expect(await renewLease(bed.ctx, holder('a'), '203.0.113.1')).toBe(false)
  })

  it('is renewed by its machine only', async () => {
    await offerAndLease('a')
    expect(await lease('a', '203.0.113.1', pool, false)).toBe(true)
    expect(await lease('b', '203.0.113.1', pool, false)).toBe(false)
    expect(await lease('a', '203.0.113.3', pool, false)).toBe(false)
  })

  it('that is not in the database is taken over while its address is free', async () => {
    expect(await lease('a', '203.0.113.3', pool, false)).toBe(true)
    expect(await lease('b', '203.0.113.2', pool, false)).toBe(false)
    expect(await lease('b', '203.0.113.200', pool, false)).toBe(false)
  })

  it('that is released stays with its machine until another machine needs it', async () => {
    await offerAndLease('a')
    expect(await releaseLease(bed.ctx, 'b', '203.0.113.1')).toBe(false)
    expect(await releaseLease(bed.ctx, 'a', '203.0.113.1')).toBe(true)
    expect(await offer('b')).toBe('203.0.113.3')
    expect(await offer('c')).toBe('203.0.113.1')
  })
})

describe('a declined address', () => {
  const wide = poolOf('203.0.113.100-203.0.113.120/24')

  it('is left alone, and the next one, whose name differs in its last digit, too', async () => {
    const addresses = []
    for (let i = 0; i < 3; i++) {
      const address = (await offerAndLease('52:54:00:00:00:01', wide))!
      addresses.push(address)
      expect(await decline('52:54:00:00:00:01', address)).toBe(true)
    }
    expect(addresses).toEqual(['203.0.113.100', '203.0.113.101', '203.0.113.102'])
    expect(await offer('52:54:00:00:00:01', wide)).toBe('203.0.113.103')
    expect(await offer('52:54:00:00:00:02', wide)).toBe('203.0.113.104')
  })

  it('must have been the machine’s own', async () => {
    await offerAndLease('a', wide)
    expect(await decline('b', '203.0.113.100')).toBe(false)
    expect(await renewLease(bed.ctx, holder('a'), '203.0.113.100')).toBe(true)
    expect(await decline('a', '203.0.113.100')).toBe(true)
    expect(await decline('a', '203.0.113.100')).toBe(false)
  })

  it('is free again after ten minutes', async () => {
    await offerAndLease('a')
    await decline('a', '203.0.113.1')
    await offerAndLease('b')
    await seconds(599)
    expect(await offer('c')).toBeNull()
    await seconds(2)
    expect(await offer('c')).toBe('203.0.113.1')
  })

  it('is one of three at most that a machine blocks, however often it declines', async () => {
    for (let i = 0; i < 50; i++) {
      const address = await offerAndLease('52:54:00:00:00:09', wide)
      if (address !== null) await decline('52:54:00:00:00:09', address)
      await seconds(1)
    }
    const blocked = await bed.ctx.db.orm
      .select()
      .from(dhcpLeases)
      .where(eq(dhcpLeases.state, 'declined'))
    const now = bed.ctx.clock.now()
    expect(blocked.filter(({ expiresAt }) => expiresAt > now)).toHaveLength(3)
    const offers = []
    for (let i = 0; i < 18; i++) offers.push(await offerAndLease(`machine ${i}`, wide))
    expect(new Set(offers).size).toBe(18)
    expect(offers).not.toContain(null)
  })
})
