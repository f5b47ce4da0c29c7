import { background } from '../../background.js'
import { Batcher } from '../../batcher.js'
import type { ProcessContext } from '../../process-context.js'
import { onNotification } from '../../db/notifications.js'
import type { Tenant, Tenure, Tenures } from '../../protocols/bmc/tenure.js'
import {
  askForLease,
  giveLease,
  leaseChannel,
  takeLeases,
  type LeaseNotice,
  type Taken,
} from './lease-rows.js'

/**
 * No BMC hears two processes at once: the one that speaks to it has a lease, a row in the
 * database. It is kept after the work, so that the next piece costs nothing, and given to another
 * process as soon as that one asks and no work is running.
 */

/** How long a lease lasts without being renewed, in milliseconds: what a process that died costs. */
const defaultMs = 20_000
/** Notices may get lost; who waits looks again. */
const lookAgainMs = 1_000

/** Why the keeping of a lease ends with the work; made once, since each would cost a stack. */
const worked = new Error('the work is done')

/** The database could not say who may speak to a BMC, or this process came too late to go on. */
export class BmcLeaseError extends Error {
  override readonly name = 'BmcLeaseError'
}

/**
 * The leases of a process.
 * @param ms how long one lasts, in milliseconds
 */
export function bmcLeases(ctx: ProcessContext, ms = defaultMs): Tenures {
  const leases = new Map<string, Lease>()
  let listening = false
  const listen = (): void => {
    if (listening) return
    listening = true
    const heard = (payload: string): void => {
      const { to, bmc } = JSON.parse(payload) as LeaseNotice
      if (to === ctx.processId) leases.get(bmc)?.hear()
    }
    onNotification(ctx.db, leaseChannel, heard).catch((error: unknown) => {
      listening = false
      ctx.log.bmc.warn(
        { error },
        'no notices about BMCs: other processes wait for leases to run out',
      )
    })
  }
  const take = taker(ctx, ms)
  return (key, tenant) => {
    listen()
    const lease = new Lease(ctx, key, tenant, { ms, take })
    leases.set(key, lease)
    return lease
  }
}

/** What one statement asks for: a fleet's round of polls must not make one that takes long. */
const mostAtOnce = 200

interface Asked {
  readonly bmc: string
  taken: Taken | null
}

/** Takes leases that are asked for at the same time together: a thousand are some dozens of statements. */
function taker(ctx: ProcessContext, ms: number): Terms['take'] {
  const asking = new Batcher<Asked>(
    async (asked) => {
      const taken = await takeLeases(
        ctx,
        asked.map(({ bmc }) => bmc),
        ms,
      )
      for (const one of asked) one.taken = taken.get(one.bmc) ?? null
    },
    { most: mostAtOnce, gathers: true },
  )
  return async (bmc) => {
    const asked: Asked = { bmc, taken: null }
    await asking.add(asked)
    return asked.taken
  }
}

interface Terms {
  readonly ms: number
  /** Takes or renews a lease; null when another process has it. */
  readonly take: (bmc: string) => Promise<Taken | null>
}

class Lease implements Tenure {
  readonly #ctx: ProcessContext
  readonly #key: string
  readonly #tenant: Tenant
  readonly #ms: number
  readonly #take: Terms['take']
  /** With less left than this it is renewed before work begins. */
  readonly #marginMs: number
  /** When it runs out, by this process's clock, counted from before it was asked for. */
  #until = -Infinity
  #wanted = false
  #heard = false
  #wake: (() => void) | null = null
  #leaving: Promise<void> | null = null
  #renewing: Promise<unknown> | null = null

  constructor(ctx: ProcessContext, key: string, tenant: Tenant, { ms, take }: Terms) {
    this.#ms = ms
    this.#take = take
    this.#marginMs = ms / 4
    this.#ctx = ctx
    this.#key = key
    this.#tenant = tenant
  }

  get held(): boolean {
    return this.#leaving === null && this.#until - this.#now() >= this.#marginMs
  }

  get lasts(): boolean {
    return this.#until > this.#now()
  }

  async take(signal: AbortSignal): Promise<number | null> {
    for (;;) {
      await this.#leaving
      signal.throwIfAborted()
      this.#heard = false
      this.#wanted = false
      const taken = await this.#renew()
      if (taken !== null) return taken.rested
      const left = await this.#ask(() => askForLease(this.#ctx, this.#key))
      await this.#notice(Math.min(Math.max(left, 0) + 1, lookAgainMs), signal)
    }
  }

  keep(lost: (reason: Error) => void): () => void {
    const stop = new AbortController()
    this.#keepRenewing(lost, stop.signal).catch((error: unknown) => {
      if (!stop.signal.aborted) lost(error as Error)
    })
    return () => stop.abort(worked)
  }

  async leave(): Promise<void> {
    if (this.#wanted) this.#leaving ??= this.#give().finally(() => (this.#leaving = null))
    await this.#leaving
  }

  /** Another process asks for the lease, or has let this one in. */
  hear(): void {
    this.#heard = true
    this.#wake?.()
    this.#wanted = true
    if (!this.#tenant.busy) background(this.#ctx.log.bmc, 'give up a BMC lease', this.leave())
  }

  async #give(): Promise<void> {
    this.#wanted = false
    try {
      // A renewal that is under way must not come after this.
      await this.#renewing
      this.#until = -Infinity
      await giveLease(this.#ctx, this.#key, this.#tenant.rested)
    } catch (error) {
      const log = this.#ctx.log.bmc
      log.warn({ error, bmc: this.#key }, 'a lease could not be given away; it runs out by itself')
    }
  }

  async #renew(): Promise<Taken | null> {
    const asked = this.#now()
    const renewing = this.#ask(() => this.#take(this.#key))
    this.#renewing = renewing.catch(() => null)
    const taken = await renewing
    this.#until = taken === null ? -Infinity : asked + this.#ms
    this.#wanted ||= taken?.wanted ?? false
    return taken
  }

  async #keepRenewing(lost: (reason: Error) => void, signal: AbortSignal): Promise<void> {
    const { clock } = this.#ctx
    for (;;) {
      await clock.sleep(Math.max(0, this.#until - this.#now() - 2 * this.#marginMs), signal)
      const renewed = this.#renew().catch((error: unknown) => error as Error)
      const late = clock.sleep(Math.max(0, this.#until - this.#now()), signal).then(() => null)
      const taken = await Promise.race([renewed, late])
      if (signal.aborted) return
      if (taken === null || taken instanceof Error) {
        const why = `the lease on ${this.#key} could not be renewed while work was running`
        return lost(new BmcLeaseError(why, taken === null ? {} : { cause: taken }))
      }
    }
  }

  async #ask<T>(query: () => Promise<T>): Promise<T> {
    try {
      return await query()
    } catch (cause) {
      const why = `the database could not say whether another process speaks to ${this.#key}`
      throw new BmcLeaseError(why, { cause })
    }
  }

  /** Sleeps until it hears a notice, at most `ms`. */
  async #notice(ms: number, signal: AbortSignal): Promise<void> {
    if (this.#heard) return
    const woken = new AbortController()
    this.#wake = () => woken.abort()
    try {
      await this.#ctx.clock.sleep(ms, AbortSignal.any([signal, woken.signal]))
    } catch (error) {
      if (signal.aborted || !woken.signal.aborted) throw error
    } finally {
      this.#wake = null
    }
  }

  #now(): number {
    return this.#ctx.clock.now().getTime()
  }
}
