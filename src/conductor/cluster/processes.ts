import { sql } from 'drizzle-orm'
import type { AppContext } from '../../context.js'
import { rawRows } from '../../db/raw-rows.js'
import { service } from '../../services.js'

/**
 * This process's row in `ferric_processes`: while its heartbeat is fresh, the reservations and
 * tasks that carry its id have a live holder.
 */

export type Role = 'api' | 'conductor' | 'boot'

export interface ProcessRegistration {
  /** With the last role the row goes: what this process held is free at once. */
  close(): Promise<void>
}

interface Living {
  readonly roles: Role[]
  users: number
  readonly stop: AbortController
  readonly beating: Promise<void>
}

const registration = service({
  name: 'registration of the process',
  create: (_ctx: AppContext): { living: Living | null } => ({ living: null }),
})

/**
 * Registers a role of this process and keeps the heartbeat. With the role `conductor`, rows of the
 * same host and role are earlier lives of this one and go away.
 */
export async function registerProcess(
  ctx: AppContext,
  roles: readonly Role[],
): Promise<ProcessRegistration> {
  const earlier = registration(ctx).living
  const all = [...(earlier?.roles ?? []), ...roles]
  await insertProcess(ctx, all)
  const living = earlier ?? begin(ctx, all)
  earlier?.roles.push(...roles)
  living.users++
  return { close: () => leave(ctx, living) }
}

function begin(ctx: AppContext, roles: Role[]): Living {
  const stop = new AbortController()
  const living = { roles, users: 0, stop, beating: beat(ctx, roles, stop.signal) }
  registration(ctx).living = living
  return living
}

async function leave(ctx: AppContext, living: Living): Promise<void> {
  if (--living.users > 0) return
  registration(ctx).living = null
  living.stop.abort()
  await living.beating
  await ctx.db.orm.execute(sql`delete from ferric_processes where id = ${ctx.processId}::uuid`)
}

async function insertProcess(ctx: AppContext, roles: readonly Role[]): Promise<void> {
  const now = ctx.clock.now().toISOString()
  if (roles.includes('conductor')) {
    await ctx.db.orm.execute(
      sql`delete from ferric_processes where host = ${ctx.host} and id <> ${ctx.processId}::uuid
        and 'conductor' = any(string_to_array(roles, ','))`,
    )
  }
  await ctx.db.orm.execute(
    sql`insert into ferric_processes (id, host, roles, started_at, heartbeat_at)
      values (${ctx.processId}::uuid, ${ctx.host}, ${roles.join(',')}, ${now}::timestamptz,
        ${now}::timestamptz)
      on conflict (id) do update set roles = excluded.roles, heartbeat_at = excluded.heartbeat_at`,
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
      ctx.log.conductor.warn({ error }, 'the process heartbeat could not be written')
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
  ctx.log.conductor.error('this process was taken for dead; what it worked on went to others')
  await insertProcess(ctx, roles)
}
