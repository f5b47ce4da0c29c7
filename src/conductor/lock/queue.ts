import { randomUUID } from 'node:crypto'
import { sql, type SQL } from 'drizzle-orm'
import type { AppContext } from '../../context.js'

/**
 * Who waits for a node's reservation, over all processes: rows in `ferric_lock_waiters`, the most
 * urgent and then the longest waiting first. Whoever takes the reservation looks there, so nobody
 * passes another; a place that was not left by its deadline counts no more.
 */

const ranks = { verb: 0, request: 1, heartbeat: 2, periodic: 3 } as const
export type LockPriority = keyof typeof ranks

/** A place in the queue of a node. */
export interface Place {
  readonly id: string
  readonly nodeId: number
  readonly rank: number
  readonly since: string
}

/** How long a place outlives the deadline of who waits, who may be slow to leave. */
const graceMs = 5_000

const untilOf = (ctx: AppContext, waitMs: number): string =>
  new Date(ctx.clock.now().getTime() + waitMs + graceMs).toISOString()

/** @param waitMs how long the place will be kept at most, unless it is kept on */
export async function enqueue(
  ctx: AppContext,
  nodeId: number,
  priority: LockPriority,
  purpose: string,
  waitMs: number,
): Promise<Place> {
  const since = ctx.clock.now().toISOString()
  const place = { id: randomUUID(), nodeId, rank: ranks[priority], since }
  await ctx.db.orm.execute(
    sql`insert into ferric_lock_waiters (id, node_id, rank, since, until, purpose)
      select ${place.id}::uuid, id, ${place.rank}::int, ${since}::timestamptz,
        ${untilOf(ctx, waitMs)}::timestamptz, ${purpose} from nodes where id = ${nodeId}`,
  )
  return place
}

/** Keeps the place of who waits on. */
export async function keepPlace(ctx: AppContext, place: Place, waitMs: number): Promise<void> {
  await ctx.db.orm.execute(
    sql`update ferric_lock_waiters set until = ${untilOf(ctx, waitMs)}::timestamptz
      where id = ${place.id}::uuid`,
  )
}

export async function leaveQueue(ctx: AppContext, place: Place): Promise<void> {
  await ctx.db.orm.execute(sql`delete from ferric_lock_waiters where id = ${place.id}::uuid`)
}

/** Places nobody left because their process is gone. */
export async function forgetPlaces(ctx: AppContext): Promise<void> {
  await ctx.db.orm.execute(
    sql`delete from ferric_lock_waiters where until < ${ctx.clock.now().toISOString()}::timestamptz`,
  )
}

/**
 * True of a row of `nodes` when nobody waits for it who comes first.
 * @param asking the place of who asks; without one everybody of the same rank was there before
 */
export function isNext(ctx: AppContext, asking: Place | LockPriority): SQL {
  const now = ctx.clock.now().toISOString()
  const ahead =
    typeof asking === 'string'
      ? sql`w.rank <= ${ranks[asking]}::int`
      : sql`(w.rank, w.since, w.id) < (${asking.rank}::int, ${asking.since}::timestamptz,
          ${asking.id}::uuid)`
  return sql`not exists (select from ferric_lock_waiters w
    where w.node_id = nodes.id and w.until > ${now}::timestamptz and ${ahead})`
}
