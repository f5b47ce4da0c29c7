// Two processes and one BMC: each has its own scheduler, both the same database.
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../../src/clock.js'
import type { AppContext } from '../../../src/context.js'
import { rawRows } from '../../../src/db/raw-rows.js'
import type { Database } from '../../../src/db/types.js'
import { forgetLeases, giveAllLeases } from '../../../src/drivers/bmc/lease-rows.js'
import { bmcLeases } from '../../../src/drivers/bmc/leases.js'
import { createBmcScheduler, type BmcScheduler } from '../../../src/protocols/bmc/scheduler.js'
import type { WorkOptions } from '../../../src/protocols/bmc/work.js'
import { testDatabase } from '../../_util/database.js'
import { log } from '../_util/task.js'

const leaseMs = 1500
const interval = 150
let db: Database
beforeAll(async () => {
  db = await testDatabase()
}, 60_000)
afterAll(async () => {
  await db?.close()
})
beforeEach(async () => {
  await db.orm.execute(sql`delete from ferric_bmc_leases`)
})

interface Member {
  readonly ctx: AppContext
  readonly scheduler: BmcScheduler
}

/** @param over replaces the database of one that must not reach it */
function aProcess(over: Partial<AppContext> = {}, ms = leaseMs): Member {
  const ctx = { db, log, clock: systemClock, processId: randomUUID(), ...over } as AppContext
  const tenures = bmcLeases(ctx, ms)
  return { ctx, scheduler: createBmcScheduler({ clock: systemClock, tenures }) }
}

interface Piece {
  readonly by: string
  readonly begin: number
  readonly end: number
}

function work(
  on: Member,
  by: string,
  done: Piece[],
  ms = 10,
  more: Pick<WorkOptions, 'session' | 'upkeep'> = {},
) {
  const how = { priority: 'verb' as const, minInterval: interval, ...more }
  return on.scheduler.run('ipmi://a:623', how, async (signal) => {
    const begin = performance.now()
    await sleep(ms, undefined, { signal })
    done.push({ by, begin, end: performance.now() })
  })
}

/** The times between the pieces, in the order they began. */
function gaps(pieces: readonly Piece[]): number[] {
  const sorted = pieces.toSorted((a, b) => a.begin - b.begin)
  return sorted.slice(1).map((one, i) => one.begin - (sorted[i]?.end ?? 0))
}
/** Clocks count whole milliseconds. */
const rounding = 2

describe('two processes that want the same BMC', () => {
  it('never speak at once, nor closer than the interval, and take turns', async () => {
    const [a, b] = [aProcess(), aProcess()]
    const done: Piece[] = []
    const of = (on: Member, by: string) => Array.from({ length: 6 }, () => work(on, by, done))
    await Promise.all([...of(a, 'a'), ...of(b, 'b')])
    expect(done).toHaveLength(12)
    for (const gap of gaps(done)) expect(gap).toBeGreaterThanOrEqual(interval - rounding)
    const turns = done.slice(0, 8).map(({ by }) => by)
    expect(turns.filter((by) => by === 'a').length).toBeGreaterThanOrEqual(3)
    expect(turns.filter((by) => by === 'b').length).toBeGreaterThanOrEqual(3)
  })

  it('rest after each other also when one of them only ends its session', async () => {
    const [a, b] = [aProcess(), aProcess()]
    const done: Piece[] = []
    const session = {}
    await work(a, 'a', done, 10, { session })
    await work(b, 'b', done)
    await work(a, 'end', done, 10, { session, upkeep: true })
    await work(b, 'b', done)
    expect(done.map(({ by }) => by)).toEqual(['a', 'b', 'end', 'b'])
    for (const gap of gaps(done)) expect(gap).toBeGreaterThanOrEqual(interval - rounding)
  })

  it('hand it over at once when nothing is done', async () => {
    const [a, b] = [aProcess(), aProcess()]
    const done: Piece[] = []
    await work(a, 'a', done)
    await sleep(2 * interval)
    const began = performance.now()
    await work(b, 'b', done)
    expect(performance.now() - began).toBeLessThan(leaseMs / 2)
  })

  it('wait for long work, which keeps its lease', async () => {
    const [a, b] = [aProcess(), aProcess()]
    const done: Piece[] = []
    const long = work(a, 'a', done, 2.5 * leaseMs)
    await sleep(50)
    await Promise.all([long, work(b, 'b', done)])
    expect(done.map(({ by }) => by)).toEqual(['a', 'b'])
    expect(gaps(done)[0]).toBeGreaterThanOrEqual(interval - rounding)
  })
})

it('asks the database once for many pieces in a row', async () => {
  const counting = { count: 0 }
  const orm = new Proxy(db.orm, {
    get: (target, key) => {
      if (key === 'execute') counting.count += 1
      return Reflect.get(target, key) as unknown
    },
  })
  // So long that a slow machine does not come to renew it.
  const a = aProcess({ db: { ...db, orm, pool: db.pool } }, 60_000)
  for (let n = 0; n < 20; n += 1) {
    await a.scheduler.run('ipmi://b:623', { priority: 'poll' }, () => sleep(1))
  }
  expect(counting.count).toBe(1)
})

it('asks the database for many BMCs at once, whoever has which', async () => {
  const counting = { count: 0 }
  const orm = new Proxy(db.orm, {
    get: (target, key) => {
      if (key === 'execute') counting.count += 1
      return Reflect.get(target, key) as unknown
    },
  })
  const [a, b] = [aProcess({ db: { ...db, orm, pool: db.pool } }), aProcess()]
  const keys = Array.from({ length: 40 }, (_, n) => `ipmi://c${n}:623`)
  const poll = (on: Member, key: string) =>
    on.scheduler.run(key, { priority: 'poll', minInterval: interval }, () => Promise.resolve(key))
  await Promise.all(keys.slice(0, 3).map((key) => poll(b, key)))
  const began = performance.now()
  expect(await Promise.all(keys.map((key) => poll(a, key)))).toEqual(keys)
  expect(performance.now() - began).toBeLessThan(leaseMs)
  // Those for all, those that b had, and asking b for them.
  expect(counting.count).toBeLessThan(12)
})

it('a process that died holds a BMC no longer than its lease, and the interval after it', async () => {
  const [dead, b] = [aProcess(), aProcess()]
  const done: Piece[] = []
  const began = performance.now()
  await dead.scheduler.run('ipmi://a:623', { priority: 'verb' }, async () => {
    await sleep(10)
  })
  // It will not hear of anybody who asks.
  await db.orm.execute(sql`update ferric_bmc_leases set process_id = ${randomUUID()}::uuid`)
  await work(b, 'b', done)
  const waited = (done[0]?.begin ?? 0) - began
  expect(waited).toBeGreaterThan(leaseMs)
  expect(waited).toBeLessThan(leaseMs + interval + 1500)
})

it('a process that ends gives its leases back', async () => {
  const [a, b] = [aProcess(), aProcess()]
  const done: Piece[] = []
  await work(a, 'a', done)
  await giveAllLeases(a.ctx)
  await db.orm.execute(sql`update ferric_bmc_leases set process_id = ${randomUUID()}::uuid`)
  const began = performance.now()
  await work(b, 'b', done)
  expect(performance.now() - began).toBeLessThan(leaseMs / 2)
  expect(gaps(done)[0]).toBeGreaterThanOrEqual(interval - rounding)
})

it('work ends when the lease is lost under it', async () => {
  const a = aProcess()
  const long = a.scheduler.run('ipmi://a:623', { priority: 'verb' }, (signal) =>
    sleep(10 * leaseMs, undefined, { signal }),
  )
  await sleep(100)
  const [other, far] = [randomUUID(), "now() + interval '1 hour'"]
  await db.orm.execute(
    sql`update ferric_bmc_leases set process_id = ${other}::uuid, until = ${sql.raw(far)}`,
  )
  await expect(long).rejects.toMatchObject({ cause: { name: 'BmcLeaseError' } })
  // That says nothing about the BMC.
  expect(a.scheduler.statistics('ipmi://a:623')).toMatchObject({ failures: 0 })
})

it('a process that was held up for longer than its lease may not go on', async () => {
  const a = aProcess()
  const key = 'ipmi://a:623'
  const may: boolean[] = []
  const stop = new AbortController()
  const how = { priority: 'verb' as const, signal: stop.signal }
  const held = a.scheduler.run(key, how, (signal) => {
    may.push(a.scheduler.mayGoOn(key))
    // Nothing else runs meanwhile, as when the process is stopped.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, leaseMs + 100)
    may.push(a.scheduler.mayGoOn(key))
    setImmediate(() => stop.abort())
    return sleep(10 * leaseMs, undefined, { signal })
  })
  await held.catch(() => undefined)
  expect(may).toEqual([true, false])
})

it('without the database nobody speaks, and it is said why', async () => {
  const orm = { execute: () => Promise.reject(new Error('connection refused')) }
  const a = aProcess({ db: { ...db, orm, pool: db.pool } as unknown as Database })
  let ran = false
  const asked = a.scheduler.run('ipmi://a:623', { priority: 'request' }, () => {
    ran = true
    return Promise.resolve()
  })
  await expect(asked).rejects.toThrow(
    'the database could not say whether another process speaks to ipmi://a:623',
  )
  expect(ran).toBe(false)
})

it('who waits for another process may leave', async () => {
  const [a, b] = [aProcess(), aProcess()]
  const done: Piece[] = []
  const long = work(a, 'a', done, 800)
  await sleep(50)
  const stop = new AbortController()
  const left = b.scheduler.run('ipmi://a:623', { priority: 'verb', signal: stop.signal }, () =>
    Promise.resolve(),
  )
  const late = b.scheduler.run(
    'ipmi://a:623',
    { priority: 'verb', deadline: Date.now() + 200 },
    () => Promise.resolve(),
  )
  setTimeout(() => stop.abort(new Error('gone')), 100)
  await expect(left).rejects.toThrow('gone')
  await expect(late).rejects.toMatchObject({ name: 'BmcDeadline', started: false })
  await long
  // What b had asked for comes back, since it wants it no more.
  const began = performance.now()
  await work(a, 'a', done)
  expect(performance.now() - began).toBeLessThan(leaseMs)
})

it('forgets BMCs nobody has spoken to for a day', async () => {
  await work(aProcess(), 'a', [])
  await forgetLeases({ db })
  const count = async () => (await rawRows(db.orm, sql`select 1 from ferric_bmc_leases`)).length
  expect(await count()).toBe(1)
  await db.orm.execute(sql`update ferric_bmc_leases set until = now() - interval '2 days'`)
  await forgetLeases({ db })
  expect(await count()).toBe(0)
})
