import { sql } from 'drizzle-orm'
import type { AppContext } from '../../context.js'
import { rawRows } from '../../db/raw-rows.js'
import type { Periodic } from './schedule.js'

/**
 * The embedded PostgreSQL has no checkpointer either. Without checkpoints its log is never used
 * again: it takes 16 MiB more for every thousand deployments, and a start after a crash reads it all.
 */

/** Seconds between two rounds. */
const interval = 30
/** Bytes of log since the last checkpoint that are worth another: two files of it. */
const enough = 32 * 2 ** 20

/** A conductor's part of it; nothing on a server, which does it itself. */
export function checkpoint({ db }: Pick<AppContext, 'db'>): Periodic {
  return { name: 'checkpoint', interval: db.kind === 'pglite' ? interval : 0, run: checkpointLog }
}

/** Makes a checkpoint when enough was written since the last one. */
export async function checkpointLog(ctx: AppContext): Promise<void> {
  const [row] = await rawRows(
    ctx.db.orm,
    sql`select pg_wal_lsn_diff(pg_current_wal_lsn(), redo_lsn) >= ${enough}::int as due
      from pg_control_checkpoint()`,
  )
  if (row?.['due'] === true) await ctx.db.orm.execute(sql`checkpoint`)
}
