import { sql } from 'drizzle-orm'
import type { AppContext } from '../../context.js'
import { rowsOf } from '../../db/client.js'
import type { Periodic } from './schedule.js'

/**
 * What autovacuum does for a PostgreSQL server: the embedded database is one process without it. Without
 * statistics a page of nodes is sorted out of all of them instead of read from an index, and the space of
 * deleted rows is never used again.
 */

/** Seconds; autovacuum's own. */
const interval = 60

/** @returns nothing to do where a server looks after itself */
export function upkeep(ctx: AppContext): Periodic[] {
  return ctx.db.kind === 'pglite' ? [{ name: 'database upkeep', interval, run: tidy }] : []
}

interface Untidy {
  readonly schema: string
  readonly name: string
  readonly dead: boolean
}

/**
 * Transactions after which a table is looked through whatever became of its rows, as their ids run out: more
 * than PostgreSQL's `vacuum_freeze_table_age`, so that one vacuum makes the table young again.
 */
const oldest = 160_000_000

/**
 * Tables, PostgreSQL's own too, of which a fifth is dead, or a tenth has changed since they were last looked
 * at; autovacuum's thresholds. A restart forgets its counts, so growth counts as well. The small ones first.
 */
const untidy = sql`select * from (
    select n.nspname as schema, c.relname as name, pg_relation_size(c.oid) as size,
      s.n_dead_tup > 50 + 0.2 * greatest(c.reltuples, 0) or age(c.relfrozenxid) > ${oldest}::int as dead,
      s.n_mod_since_analyze > 50 + 0.1 * greatest(c.reltuples, 0)
        or pg_relation_size(c.oid) > 1.2 * (c.relpages + 5) * current_setting('block_size')::int as changed
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
      join pg_stat_all_tables s on s.relid = c.oid
    where c.relkind = 'r'
  ) tables where dead or changed order by size`

/** Gives dead rows' space back and takes statistics, table by table: others get in between. */
export async function tidy(ctx: AppContext, signal: AbortSignal): Promise<void> {
  const tables = rowsOf<Untidy>(await ctx.db.orm.execute(untidy))
  for (const { schema, name, dead } of tables) {
    signal.throwIfAborted()
    const work = dead ? sql`vacuum (analyze)` : sql`analyze`
    await ctx.db.orm.execute(sql`${work} ${sql.identifier(schema)}.${sql.identifier(name)}`)
  }
}
