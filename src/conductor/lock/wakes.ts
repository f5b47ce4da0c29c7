import { sql, type SQL } from 'drizzle-orm'
import type { AppContext } from '../../context.js'
import { onNotification } from '../../db/notifications.js'
import { service } from '../../services.js'

/**
 * Tells those who wait for a node that its reservation was given back: in this process at once, in
 * others by NOTIFY. Only a wake-up: one that gets lost costs a wait of the retry interval.
 */

const channel = 'ferric_lock'

interface Hub {
  readonly ears: Map<number, Set<() => void>>
  listening: boolean
}

const wakeHub = service({
  name: 'wake-ups for locks',
  create: (_ctx: AppContext): Hub => ({ ears: new Map(), listening: false }),
})

/** Wakes the callers of this process that wait for a node. */
export function wakeWaiters(ctx: AppContext, nodeId: number): void {
  for (const wake of wakeHub(ctx).ears.get(nodeId) ?? []) wake()
}

/**
 * Part of a statement that gives a reservation back: tells other processes, if anybody waits.
 * @param nodeId SQL for the node's id
 */
export function notifyWaiters(nodeId: SQL): SQL {
  return sql`case when exists (select from ferric_lock_waiters w where w.node_id = ${nodeId})
    then pg_notify(${channel}::text, (${nodeId})::text)::text end`
}

/** Hears of one node; what it hears while nobody waits is kept for the next wait. */
export class Ear implements Disposable {
  readonly #hub: Hub
  readonly #nodeId: number
  #heard = false
  #wake: (() => void) | null = null
  readonly #hear = (): void => {
    this.#heard = true
    this.#wake?.()
  }

  constructor(ctx: AppContext, nodeId: number) {
    this.#hub = wakeHub(ctx)
    this.#nodeId = nodeId
    const ears = this.#hub.ears.get(nodeId) ?? new Set()
    this.#hub.ears.set(nodeId, ears.add(this.#hear))
    listenOnce(ctx, this.#hub)
  }

  /** Resolves when the node is free or after `ms`. @throws the signal's reason */
  async wait(ctx: AppContext, ms: number, signal: AbortSignal): Promise<void> {
    if (!this.#heard) {
      const woken = new AbortController()
      this.#wake = () => woken.abort()
      try {
        await ctx.clock.sleep(ms, AbortSignal.any([signal, woken.signal]))
      } catch (error) {
        if (signal.aborted || !woken.signal.aborted) throw error
      }
      this.#wake = null
    }
    this.#heard = false
  }

  [Symbol.dispose](): void {
    const ears = this.#hub.ears.get(this.#nodeId)
    ears?.delete(this.#hear)
    if (ears?.size === 0) this.#hub.ears.delete(this.#nodeId)
  }
}

/** The subscription lasts as long as the database is open, and survives a reconnect. */
function listenOnce(ctx: AppContext, hub: Hub): void {
  if (hub.listening) return
  hub.listening = true
  const heard = (payload: string): void => wakeWaiters(ctx, Number(payload))
  onNotification(ctx.db, channel, heard).catch((error: unknown) => {
    hub.listening = false
    ctx.log.conductor.warn({ error }, 'no wake-ups for locks: who waits looks again by the second')
  })
}
