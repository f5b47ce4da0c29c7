import { sql } from 'drizzle-orm'
import type { AppContext } from '../../context.js'
import type { NodeRow, TaskRow } from '../../db/rows.js'
import { nodes, tasks } from '../../db/schema/index.js'
import type { Caller } from './caller.js'
import { Batcher } from '../../batcher.js'
import { service } from '../../services.js'
import type { PublishOptions } from './queue/types.js'
import type { Held } from '../lock/reservation.js'
import { watchTask } from './reannounce.js'
import { fromJson, rawRows } from '../../db/raw-rows.js'

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
export function announce(
  ctx: AppContext,
  queue: string,
  taskId: string,
  options: PublishOptions = {},
): void {
  if (options.delayMs === undefined) watchTask(ctx, queue, taskId)
  ctx.queue.publish(queue, taskId, options).catch((error: unknown) => {
    ctx.log.queue.warn(
      { error, taskId, queue },
      'the queue did not take a task; the sweep will retry',
    )
  })
}

interface ClaimRequest {
  readonly id: string
  claimed: Claim | null
}

const claims = service({
  name: 'claims of tasks',
  create: (ctx: AppContext) => new Batcher<ClaimRequest>((requests) => claimAll(ctx, requests)),
})

/**
 * Makes a queued task ours, with its node and the reservation handed over to it: to it and to no other
 * task of the node that is claimed with it. Claims that come while one is under way share the next
 * statement.
 * @returns null when somebody else has it or it is done: the message was late or a double
 */
export async function claim(ctx: AppContext, taskId: string): Promise<Claim | null> {
  if (!uuidForm.test(taskId)) return null
  const request: ClaimRequest = { id: taskId, claimed: null }
  await claims(ctx).add(request)
  return request.claimed
}

const uuidForm = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** A task asked for twice goes to the first who asked. */
async function claimAll(ctx: AppContext, requests: readonly ClaimRequest[]): Promise<void> {
  const first = new Map<string, ClaimRequest>()
  for (const request of requests) if (!first.has(request.id)) first.set(request.id, request)
  for (const found of await claimRows(ctx, [...first.keys()])) {
    first.get(found.task.id)!.claimed = found
  }
}

async function claimRows(ctx: AppContext, ids: readonly string[]): Promise<Claim[]> {
  const now = ctx.clock.now().toISOString()
  const rows = await rawRows(
    ctx.db.orm,
    sql`with claimed as (
      update ferric_tasks set state = 'running', process_id = ${ctx.processId}::uuid,
        attempts = attempts + 1, started_at = ${now}::timestamptz
      where id = any(${`{${ids.join(',')}}`}::uuid[]) and state = 'queued'
        and (not_before is null or not_before <= ${now}::timestamptz)
      returning *
    ), held as (
      update ferric_reservations r
      set process_id = ${ctx.processId}::uuid, token = gen_random_uuid()
      from claimed where r.node_id = claimed.node_id and r.task_id = claimed.id
      returning r.task_id, r.token
    )
    select row_to_json(claimed) as task, held.token,
      (select row_to_json(n) from nodes n where n.id = claimed.node_id) as node
    from claimed left join held on held.task_id = claimed.id`,
  )
  return rows.map((raw) => {
    const row = raw['node'] === null ? null : fromJson(nodes, raw['node'])
    const token = raw['token']
    const held = row !== null && typeof token === 'string' ? { nodeId: row.id, token } : null
    return { task: fromJson(tasks, raw['task']), row, held }
  })
}

/** Puts a task back for somebody else, with its reservation; the beginning does not count as an attempt. */
export async function handBack(ctx: AppContext, taskId: string): Promise<void> {
  await ctx.db.orm.execute(
    sql`update ferric_tasks set state = 'queued', process_id = null, attempts = attempts - 1
      where id = ${taskId}::uuid and process_id = ${ctx.processId}::uuid`,
  )
}

/**
 * Puts a task back for later; the beginning does not count as an attempt.
 * @param task as it was claimed
 */
export async function postpone(ctx: AppContext, task: TaskRow, delayMs: number): Promise<void> {
  const at = new Date(ctx.clock.now().getTime() + delayMs).toISOString()
  await ctx.db.orm.execute(
    sql`update ferric_tasks set state = 'queued', process_id = null, attempts = attempts - 1,
        not_before = ${at}::timestamptz
      where id = ${task.id}::uuid and process_id = ${ctx.processId}::uuid`,
  )
  announce(ctx, task.queue, task.id, { delayMs: delayMs + 1, key: `${task.id}.${at}` })
}

/** Removes a task that holds no reservation. */
export async function removeTask(ctx: AppContext, taskId: string): Promise<void> {
  await ctx.db.orm.execute(sql`delete from ferric_tasks where id = ${taskId}::uuid`)
}

/** Removes a task that lost its node, unless somebody else has begun it anew. @param task as it was claimed */
export async function forgetTask(ctx: AppContext, task: TaskRow): Promise<void> {
  const begun = task.startedAt?.toISOString() ?? null
  await ctx.db.orm.execute(
    sql`delete from ferric_tasks where id = ${task.id}::uuid
      and process_id = ${ctx.processId}::uuid and started_at = ${begun}::timestamptz`,
  )
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
