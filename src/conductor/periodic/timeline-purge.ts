import { sql } from 'drizzle-orm'
import type { AppContext } from '../../context.js'
import { rawRows } from '../../db/raw-rows.js'
import type { Periodic } from './schedule.js'

/** Seconds between two rounds. */
const interval = 600
/** Rows one statement removes, so that none of them holds others up. */
const batch = 5_000
const mostBatches = 200

/** Keeps node timelines within `[ferric] timeline_days` and `timeline_max_entries`. */
export function timelinePurge(): Periodic {
  return { name: 'timeline purge', interval, run: purgeTimeline }
}

export async function purgeTimeline(ctx: AppContext, signal: AbortSignal): Promise<void> {
  const { timeline_days: days, timeline_max_entries: most } = ctx.config.ferric
  if (days > 0) await inBatches(signal, () => removeOld(ctx, days))
  if (most > 0) await inBatches(signal, () => removeSurplus(ctx, most))
}

async function inBatches(signal: AbortSignal, remove: () => Promise<number>): Promise<void> {
  for (let i = 0; i < mostBatches; i++) {
    signal.throwIfAborted()
    if ((await remove()) === 0) return
  }
}

async function removeOld(ctx: AppContext, days: number): Promise<number> {
  const before = new Date(ctx.clock.now().getTime() - days * 86_400_000).toISOString()
  const gone = await rawRows(
    ctx.db.orm,
    sql`delete from ferric_timeline where id in (
      select id from ferric_timeline where at < ${before}::timestamptz limit ${batch}
    ) returning 1 as one`,
  )
  return gone.length
}

/** The node with most entries first: the rows counted are those of the index. */
async function removeSurplus(ctx: AppContext, most: number): Promise<number> {
  const gone = await rawRows(
    ctx.db.orm,
    sql`with busy as (
      select node_id from ferric_timeline group by node_id having count(*) > ${most}::int
      order by count(*) desc limit 100
    ) delete from ferric_timeline where id in (
      select old.id from busy, lateral (
        select id from ferric_timeline t where t.node_id = busy.node_id
        order by at desc, id desc offset ${most}::int
      ) old limit ${batch}
    ) returning 1 as one`,
  )
  return gone.length
}
