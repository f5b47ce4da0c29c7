import { sql, type SQL } from 'drizzle-orm'
import { maskUrls } from '../../mask.js'
import type { AppContext } from '../../context.js'
import type { JsonObject } from '../../db/columns.js'
import type { NodeUpdate } from '../../db/rows.js'
import { nodes } from '../../db/schema/index.js'
import { Conflict } from '../../errors.js'
import type { Caller } from '../work/caller.js'
import type { HistoryInsert } from './history.js'
import { notifyWaiters, wakeWaiters } from '../lock/wakes.js'
import type { Held } from '../lock/reservation.js'
import { assignments, rawRows } from '../../db/raw-rows.js'

export interface Pending {
  readonly changes: NodeUpdate
  readonly history: readonly HistoryInsert[]
}

export interface TaskInsert {
  readonly id: string
  readonly kind: string
  readonly args: JsonObject
  readonly queue: string
  readonly caller: Caller
  readonly node: number | null
}

export interface Also {
  readonly release?: boolean
  readonly insertTask?: TaskInsert
  readonly removeTask?: string
  /** The task whose work came further: its count of tries begins anew. */
  readonly advanceTask?: string
}

/** The reservation was taken away: somebody else works on the node now. */
export class ReservationLost extends Conflict {
  override readonly name = 'ReservationLost'
  constructor(nodeId: number) {
    super(`The reservation of node ${nodeId} is no longer held.`)
  }
}

/**
 * Everything that changes with a reserved node, in one statement and so all or nothing: its
 * columns, history, a task to come, a task that is done, the reservation.
 * @param held null: only the task is written
 * @throws ReservationLost when the reservation is not ours any more; then nothing is written
 */
export async function writeNode(
  ctx: AppContext,
  held: Held | null,
  pending: Pending | null,
  also: Also,
): Promise<void> {
  if (held === null) {
    if (also.insertTask) await insertTask(ctx, also.insertTask)
    return
  }
  const { insertTask: task } = also
  const parts = [
    also.release ? releaseReservation(held) : keepReservation(held, task?.id ?? null),
    updateNode(ctx, held.nodeId, pending?.changes ?? {}, also.release === true),
    ...(pending !== null && pending.history.length > 0 ? [insertHistory(pending.history)] : []),
    ...(task === undefined ? [] : [sql`born as (${taskInsert(ctx, task, sql`from node`)})`]),
    ...(also.removeTask === undefined ? [] : [removeTask(also.removeTask)]),
    ...(also.advanceTask === undefined ? [] : [advanceTask(also.advanceTask)]),
  ]
  const told = also.release ? notifyWaiters(sql`node.id`) : sql`null`
  const done = await rawRows(
    ctx.db.orm,
    sql`with ${sql.join(parts, sql`, `)} select id, ${told} from node`,
  )
  if (done.length === 0) throw new ReservationLost(held.nodeId)
  if (also.release) wakeWaiters(ctx, held.nodeId)
}

/** Stores a task that is not part of a node's reservation. */
export async function insertTask(ctx: AppContext, task: TaskInsert): Promise<void> {
  await ctx.db.orm.execute(taskInsert(ctx, task, sql``))
}

const ours = (held: Held): SQL => sql`node_id = ${held.nodeId} and token = ${held.token}::uuid`

function releaseReservation(held: Held): SQL {
  return sql`held as (delete from ferric_reservations where ${ours(held)} returning node_id)`
}

/** Locks the row, so that a take-over at the same moment waits for us or we for it. */
function keepReservation(held: Held, taskId: string | null): SQL {
  if (taskId === null) {
    return sql`held as (select node_id from ferric_reservations where ${ours(held)} for update)`
  }
  return sql`held as (
    update ferric_reservations set task_id = ${taskId}::uuid where ${ours(held)} returning node_id)`
}

/** Changes whose texts are no longer than `[DEFAULT] log_in_db_max_size` and show no credentials of URLs. */
export function fitTexts(ctx: AppContext, changes: NodeUpdate): NodeUpdate {
  const size = ctx.config.DEFAULT.log_in_db_max_size
  const values: NodeUpdate = { ...changes }
  if (values.lastError) values.lastError = maskUrls(values.lastError).slice(0, size)
  if (values.maintenanceReason) values.maintenanceReason = values.maintenanceReason.slice(0, size)
  return values
}

/** The node by its id and not by a join, whatever PostgreSQL guesses of how many there are. */
function updateNode(ctx: AppContext, nodeId: number, changes: NodeUpdate, releasing: boolean): SQL {
  const values: NodeUpdate = { ...fitTexts(ctx, changes), updatedAt: ctx.clock.now() }
  if (releasing) values.reservation = null
  return sql`node as (
    update nodes set ${assignments(nodes, values)}
    where nodes.id = ${nodeId} and exists (select from held) returning nodes.id)`
}

function insertHistory(history: readonly HistoryInsert[]): SQL {
  return sql`told as (
    insert into node_history (uuid, conductor, event_type, severity, event, "user", node_id, state,
      target_provision_state, duration_seconds, created_at)
    select h.uuid, h.conductor, h.event_type, h.severity, h.event, h."user", node.id, h.state,
      h.target_provision_state, h.duration_seconds, h.created_at
    from node, json_to_recordset(${JSON.stringify(history)}::json) as h(uuid text, conductor text,
      event_type text, severity text, event text, "user" text, state text,
      target_provision_state text, duration_seconds int, created_at timestamptz))`
}

/** Not where the reservation is lost: another process may be doing the task. */
function removeTask(id: string): SQL {
  return sql`gone as (delete from ferric_tasks
    where id = ${id}::uuid and exists (select from held))`
}

function advanceTask(id: string): SQL {
  return sql`ahead as (
    update ferric_tasks set attempts = 1 where id = ${id}::uuid and exists (select from held))`
}

function taskInsert(ctx: AppContext, task: TaskInsert, from: SQL): SQL {
  const { caller } = task
  return sql`insert into ferric_tasks
    (id, kind, node_id, args, queue, request_id, user_id, project_id, created_at)
    select ${task.id}::uuid, ${task.kind}::text, ${task.node}::int,
      ${JSON.stringify(task.args)}::json, ${task.queue}::text, ${caller.requestId}::text,
      ${caller.userId}::text, ${caller.projectId}::text,
      ${ctx.clock.now().toISOString()}::timestamptz ${from}`
}
