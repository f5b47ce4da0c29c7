import { sql } from 'drizzle-orm'
import type { AppContext } from '../context.js'
import { rawRows } from './rows.js'

/**
 * This process's row in `ferric_processes`: while its heartbeat is fresh, the reservations and
 * tasks that carry its id have a live holder.
 */

export type Role = 'api' | 'conductor' | 'boot'

export interface ProcessRegistration {
  /** Stops the heartbeat and removes the row: what this process held is free at once. */
  close(): Promise<void>
}

/**
 * Registers the process and keeps its heartbeat. With the role `conductor`, rows of the same host
 * and role are earlier lives of this one and go away.
 */
export async function registerProcess(
  ctx: AppContext,
  roles: readonly Role[],
): Promise<ProcessRegistration> {
  await insertProcess(ctx, roles)
  const stop = new AbortController()
  const beating = beat(ctx, roles, stop.signal)
  return {
    async close() {
      stop.abort()
      await beating
      await ctx.db.orm.execute(sql`delete from ferric_processes where id = ${ctx.processId}::uuid`)
    },
  }
}

async function insertProcess(ctx: AppContext, roles: readonly Role[]): Promise<void> {
  const now = ctx.clock.now().toISOString()
  const mine = roles.join(',')
  if (roles.includes('conductor')) {
    await ctx.db.orm.execute(
      sql`delete from ferric_processes where host = ${ctx.host} and id <> ${ctx.processId}::uuid
        and 'conductor' = any(string_to_array(roles, ','))`,
    )
  }
  await ctx.db.orm.execute(
    sql`insert into ferric_processes (id, host, roles, started_at, heartbeat_at)
      values (${ctx.processId}::uuid, ${ctx.host}, ${mine}, ${now}::timestamptz, ${now}::timestamptz)
      on conflict (id) do update
        set roles = ferric_processes.roles || ',' || excluded.roles, heartbeat_at = excluded.heartbeat_at`,
  )
}

/** Beats until aborted. A beat that fails is made up for by the next one. */
async function beat(ctx: AppContext, roles: readonly Role[], signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      await ctx.clock.sleep(ctx.config.conductor.heartbeat_interval * 1000, signal)
      await heartbeat(ctx, roles)
    } catch (error) {
      if (signal.aborted) return
      ctx.log.warn({ error }, 'the process heartbeat could not be written')
    }
  }
}

async function heartbeat(ctx: AppContext, roles: readonly Role[]): Promise<void> {
  const now = ctx.clock.now().toISOString()
  const found = await rawRows(
    ctx.db.orm,
    sql`update ferric_processes set heartbeat_at = ${now}::timestamptz
      where id = ${ctx.processId}::uuid returning id`,
  )
  if (found.length > 0) return
  ctx.log.error('this process was taken for dead; what it worked on went to others')
  await insertProcess(ctx, roles)
}
