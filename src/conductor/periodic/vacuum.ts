import { sql } from 'drizzle-orm'
import type { AppContext } from '../../context.js'
import { rawRows } from '../rows.js'
import type { Periodic } from './schedule.js'

/**
 * The embedded PostgreSQL has no autovacuum: there is no process beside it. Without vacuum, what
 * updates and deletes leave behind is never used again, and the ids of transactions run out.
 */

/** Seconds between two rounds. */
const interval = 60
/** As autovacuum has it: a share of the rows, and some more so that small tables are left alone. */
const deadShare = 0.2
const deadRows = 500
/**
 * Transactions after which a table is looked through whatever became of its rows: more than
 * PostgreSQL's `vacuum_freeze_table_age`, so that one vacuum makes the table young again.
 */
const oldest = 160_000_000

/** A conductor's part of it; nothing on a server, which does it itself. */
export function vacuum({ db }: Pick<AppContext, 'db'>): Periodic {
  return { name: 'vacuum', interval: db.kind === 'pglite' ? interval : 0, run: vacuumTables }
}

/** Vacuums the tables that need it, the small ones first; others have their turn between two of them. */
export async function vacuumTables(ctx: AppContext, signal: AbortSignal): Promise<void> {
  for (const table of await wanting(ctx)) {
    signal.throwIfAborted()
    await ctx.db.orm.execute(sql.raw(`vacuum (truncate false) ${table}`))
  }
}

/** Names as SQL has them. A table that was never vacuumed does not know how many rows it has. */
async function wanting(ctx: AppContext): Promise<string[]> {
  const rows = await rawRows(
    ctx.db.orm,
    sql`select format('%I.%I', n.nspname, c.relname) as name
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
      left join pg_stat_all_tables s on s.relid = c.oid
      where c.relkind = 'r' and (
        s.n_dead_tup > ${deadRows}::int + ${deadShare}::float * greatest(c.reltuples, 0)
        or age(c.relfrozenxid) > ${oldest}::int)
      order by pg_relation_size(c.oid)`,
  )
  return rows.map((row) => String(row['name']))
}
