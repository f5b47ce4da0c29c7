import { sql, type SQL } from 'drizzle-orm'
import type { AppContext } from '../../context.js'
import { NodeLocked, ObjectNotFound } from '../../errors.js'
import { systemCaller } from '../work/caller.js'
import { forgetPlaces } from '../lock/queue.js'
import { isActionable } from '../state/machine.js'
import { ringOf } from './ring.js'
import { rawRows } from '../../db/raw-rows.js'
import { transientStates } from '../state/states.js'
import { anyConductorQueue } from '../work/tasks.js'
import { failUnserved } from '../work/unserved.js'
import { withNode } from '../node/with-node.js'

/**
 * Finds what the database says is unfinished and nobody works on: tasks and reservations of
 * processes that are gone, messages that were lost, nodes in a state somebody should be working
 * on. Runs at start-up and periodically; each statement may run in every conductor at once.
 */

export interface Recovered {
  readonly tasks: number
  readonly published: number
  readonly reservations: number
  readonly nodes: number
  /** Tasks that were failed because no conductor serves their node any more. */
  readonly unserved: number
}

/** A message may take this long before it counts as lost. */
const lostAfterMs = 10_000

/**
 * One sweep.
 * @param options.atStart nothing of this host is in the queue's hands yet: every queued task is
 *   announced at once
 */
export async function recover(
  ctx: AppContext,
  signal: AbortSignal,
  options: { atStart?: boolean } = {},
): Promise<Recovered> {
  const tasks = await requeueOrphans(ctx)
  const reservations = await freeOrphans(ctx)
  if (options.atStart) await requeueAllocations(ctx)
  await forgetProcesses(ctx)
  await forgetPlaces(ctx)
  const unserved = await failUnserved(ctx, signal)
  const published = await announceQueued(ctx, options.atStart === true)
  const nodes = await releaseStuck(ctx, signal)
  const found = { tasks, published, reservations, nodes, unserved }
  if (tasks + reservations + nodes + unserved > 0)
    ctx.log.conductor.warn(found, 'took over what nobody worked on')
  return found
}

/** Ids of processes that live. */
function living(ctx: AppContext): SQL {
  const seconds = ctx.config.conductor.heartbeat_timeout
  const oldest = seconds === 0 ? 0 : ctx.clock.now().getTime() - seconds * 1000
  return sql`select id from ferric_processes
    where heartbeat_at >= ${new Date(oldest).toISOString()}::timestamptz`
}

async function requeueOrphans(ctx: AppContext): Promise<number> {
  const found = await rawRows(
    ctx.db.orm,
    sql`update ferric_tasks set state = 'queued', process_id = null
      where state = 'running' and (process_id is null or process_id not in (${living(ctx)}))
      returning id`,
  )
  return found.length
}

/** A reservation that belongs to a task is as alive as the task: that one will be done. */
async function freeOrphans(ctx: AppContext): Promise<number> {
  const freed = await rawRows(
    ctx.db.orm,
    sql`with gone as (
      delete from ferric_reservations r
      where process_id not in (${living(ctx)})
        and not exists (select from ferric_tasks t where t.id = r.task_id)
      returning node_id
    ) update nodes set reservation = null from gone where nodes.id = gone.node_id returning id`,
  )
  const unknown = await rawRows(
    ctx.db.orm,
    sql`update nodes set reservation = null where reservation is not null
      and not exists (select from ferric_reservations r where r.node_id = nodes.id) returning id`,
  )
  await abortPowerChanges(ctx)
  return freed.length + unknown.length
}

async function abortPowerChanges(ctx: AppContext): Promise<void> {
  await ctx.db.orm.execute(
    sql`update nodes set target_power_state = null,
        last_error = 'Pending power operation was aborted due to conductor restart'
      where target_power_state is not null and reservation is null
        and not exists (select from ferric_tasks t where t.node_id = nodes.id)`,
  )
}

/** Rows of processes that died long ago and hold nothing any more. */
async function forgetProcesses(ctx: AppContext): Promise<void> {
  const seconds = ctx.config.conductor.heartbeat_timeout
  if (seconds === 0) return
  const oldest = new Date(ctx.clock.now().getTime() - 10 * seconds * 1000).toISOString()
  await ctx.db.orm.execute(
    sql`delete from ferric_processes where heartbeat_at < ${oldest}::timestamptz`,
  )
}

/** Allocations that were stored and whose task was not: the process died in between. */
export async function requeueAllocations(ctx: AppContext): Promise<void> {
  const now = ctx.clock.now().getTime()
  const before = new Date(now - lostAfterMs).toISOString()
  await ctx.db.orm.execute(
    sql`insert into ferric_tasks (id, kind, args, queue, created_at)
      select gen_random_uuid(), 'allocate', json_build_object('allocation', a.id),
        ${anyConductorQueue}::text, a.created_at
      from allocations a
      where a.state = 'allocating' and a.created_at <= ${before}::timestamptz
        and not exists (select from ferric_tasks t
          where t.kind = 'allocate' and t.args->>'allocation' = a.id::text)`,
  )
}

/** The key folds what several conductors publish, and differs from that of an earlier beginning. */
async function announceQueued(ctx: AppContext, atStart: boolean): Promise<number> {
  const now = ctx.clock.now().getTime()
  const before = new Date(atStart ? now : now - lostAfterMs).toISOString()
  const queued = await rawRows(
    ctx.db.orm,
    sql`select id, queue, coalesce((extract(epoch from started_at) * 1000)::bigint::text, 'new') as begun
      from ferric_tasks where state = 'queued'
      and created_at <= ${before}::timestamptz
      and (not_before is null or not_before <= ${new Date(now).toISOString()}::timestamptz)`,
  )
  const run = atStart ? `start-${ctx.processId}` : 'sweep'
  await Promise.all(
    queued.map((t) =>
      ctx.queue.publish(String(t['queue']), String(t['id']), {
        key: `${String(t['id'])}.${String(t['begun'])}.${run}`,
      }),
    ),
  )
  return queued.length
}

/** Nodes in a state that means work, without a lock and without a task. */
async function releaseStuck(ctx: AppContext, signal: AbortSignal): Promise<number> {
  const states = sql.join(
    [...transientStates].map((s) => sql`${s}`),
    sql`, `,
  )
  const found = await rawRows(
    ctx.db.orm,
    sql`select id, uuid, driver, conductor_group from nodes
      where provision_state in (${states}) and reservation is null
        and not exists (select from ferric_tasks t where t.node_id = nodes.id)`,
  )
  const ring = await ringOf(ctx).current()
  let released = 0
  for (const node of found) {
    signal.throwIfAborted()
    const owner = ring.owner(
      String(node['driver']),
      String(node['conductor_group']),
      String(node['uuid']),
    )
    if (owner === ctx.host && (await failStuck(ctx, Number(node['id']), signal))) released++
  }
  return released
}

async function failStuck(ctx: AppContext, id: number, signal: AbortSignal): Promise<boolean> {
  const options = { purpose: 'recovery', retry: false, loadDriver: false }
  try {
    return await withNode(ctx, systemCaller(signal), id, options, async (task) => {
      const { provisionState: state } = task.node
      if (!transientStates.has(state) || !isActionable(state, 'fail')) return false
      const text = `The ${state} state can't be resumed by conductor ${ctx.host}. Moving to fail state.`
      task.fail(text, { eventType: 'transition' })
      await task.save()
      return true
    })
  } catch (error) {
    if (error instanceof NodeLocked || error instanceof ObjectNotFound) return false
    throw error
  }
}
