import { sql } from 'drizzle-orm'
import type { AppContext } from '../context.js'
import type { NodeRow, TaskRow } from '../db/rows.js'
import { nodes, tasks } from '../db/schema/index.js'
import type { Caller } from './caller.js'
import type { Held } from './reservation.js'
import { fromJson, rawRows } from './rows.js'

/** The rows of `ferric_tasks`: what is to be done. The queue only says that there is something. */

/** The queue of work that needs neither a node nor a driver: every conductor takes from it. */
export const anyConductorQueue = 'conductor'

export interface Claim {
  readonly task: TaskRow
  /** Null for a task without a node. */
  readonly row: NodeRow | null
  /** The reservation that was handed over, if one was. */
  readonly held: Held | null
}

/**
 * Tells the queue of a task. The row is written already, so nobody need wait for this, and a message
 * that gets lost is sent again by the sweep.
 */
export function announce(ctx: AppContext, queue: string, taskId: string, delayMs = 0): void {
  ctx.queue.publish(queue, taskId, delayMs > 0 ? { delayMs } : {}).catch((error: unknown) => {
    ctx.log.warn({ error, taskId, queue }, 'the queue did not take a task; the sweep will retry')
  })
}

/**
 * Makes a queued task ours, with its node and the reservation handed over to it.
 * @returns null when somebody else has it or it is done: the message was late or a double
 */
export async function claim(ctx: AppContext, taskId: string): Promise<Claim | null> {
  const now = ctx.clock.now().toISOString()
  const [raw] = await rawRows(
    ctx.db.orm,
    sql`with claimed as (
      update ferric_tasks set state = 'running', process_id = ${ctx.processId}::uuid,
        attempts = attempts + 1, started_at = ${now}::timestamptz
      where id = ${taskId}::uuid and state = 'queued'
        and (not_before is null or not_before <= ${now}::timestamptz)
      returning *
    ), held as (
      update ferric_reservations r
      set process_id = ${ctx.processId}::uuid, token = gen_random_uuid()
      from claimed where r.task_id = claimed.id returning r.node_id, r.token
    )
    select row_to_json(claimed) as task, row_to_json(n) as node, held.token
    from claimed left join nodes n on n.id = claimed.node_id
      left join held on held.node_id = n.id`,
  )
  if (raw === undefined) return null
  const task = fromJson(tasks, raw['task'])
  const row = raw['node'] === null ? null : fromJson(nodes, raw['node'])
  const token = raw['token']
  const held = row !== null && typeof token === 'string' ? { nodeId: row.id, token } : null
  return { task, row, held }
}

/** Puts a task back for somebody else, with its reservation. */
export async function handBack(ctx: AppContext, taskId: string): Promise<void> {
  await ctx.db.orm.execute(
    sql`update ferric_tasks set state = 'queued', process_id = null
      where id = ${taskId}::uuid and process_id = ${ctx.processId}::uuid`,
  )
}

/** Removes a task that holds no reservation. */
export async function removeTask(ctx: AppContext, taskId: string): Promise<void> {
  await ctx.db.orm.execute(sql`delete from ferric_tasks where id = ${taskId}::uuid`)
}

/** Who asked for a task, as its row remembers. */
export function callerOf(task: TaskRow, signal: AbortSignal): Caller {
  return {
    requestId: task.requestId ?? '',
    userId: task.userId,
    projectId: task.projectId,
    signal,
  }
}
