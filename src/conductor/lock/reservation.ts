import { randomUUID } from 'node:crypto'
import { eq, sql, type SQL } from 'drizzle-orm'
import type { AppContext } from '../../context.js'
import type { NodeRow } from '../../db/rows.js'
import { nodes } from '../../db/schema/index.js'
import { InvalidParameterValue, NodeLocked, ObjectNotFound } from '../../errors.js'
import { locksRefused } from '../../metrics.js'
import { recordEvent } from '../../timeline.js'
import { enqueue, isNext, keepPlace, leaveQueue, type LockPriority, type Place } from './queue.js'
import { Ear, notifyWaiters, wakeWaiters } from './wakes.js'
import { ringOf } from '../cluster/ring.js'
import { fromJson, rawRows, readRow } from '../../db/raw-rows.js'
import { isUuidLike } from '../../identifiers.js'

/**
 * The lock on a node: `nodes.reservation` for clients, `ferric_reservations` for who really
 * holds it. Both are written by one statement, so they never disagree (docs/reference/conductor.md 1.2).
 */

export type NodeIdent = number | string

/** Proof that a reservation is ours; every write of a reserved node checks it. */
export interface Held {
  readonly nodeId: number
  readonly token: string
}

export interface AcquireOptions {
  readonly purpose: string
  /** False: one attempt. Default: `[conductor] node_locked_retry_attempts`. */
  readonly retry?: boolean
  /** Waits for ever. */
  readonly patient?: boolean
  /** Who comes first. Default: `request`; `periodic` without retries, `verb` when patient. */
  readonly priority?: LockPriority
  readonly signal: AbortSignal
  readonly taskId?: string
}

/** Selects a node by internal id or by uuid. */
export function byIdent(ident: NodeIdent): SQL {
  return typeof ident === 'number' ? eq(nodes.id, ident) : eq(nodes.uuid, ident)
}

/** Reads a node. @throws ObjectNotFound */
export async function readNode(ctx: AppContext, ident: NodeIdent): Promise<NodeRow> {
  const row = await readRow(ctx.db.orm, nodes, byIdent(ident))
  if (row === undefined) throw new ObjectNotFound('Node', ident)
  return row
}

interface Taken {
  readonly row: NodeRow
  readonly held: Held
}
/** Who has it, when it could not be taken. */
interface Refused {
  readonly id: number
  readonly uuid: string
  readonly lockedBy: string
}

/**
 * Reserves a node and reads it. Who has to wait queues (lock-queue.ts) for as long as upstream's
 * attempts take; a request that comes later does not pass.
 * @throws ObjectNotFound; NoValidHost, Unavailable when no conductor can serve it; NodeLocked when
 *   the time is up
 */
export async function acquire(
  ctx: AppContext,
  ident: NodeIdent,
  options: AcquireOptions,
): Promise<Taken> {
  checkIdent(ident)
  const begun = ctx.clock.now().getTime()
  const result = await attemptAcquire(ctx, ident, options, null)
  const taken = 'held' in result ? result : await waitForTurn(ctx, result, options)
  if (options.retry !== false) tellTaken(ctx, taken.row, options, begun)
  return taken
}

const priorityOf = ({ priority, retry, patient }: AcquireOptions): LockPriority =>
  priority ?? (patient ? 'verb' : retry === false ? 'periodic' : 'request')

async function waitForTurn(
  ctx: AppContext,
  refused: Refused,
  options: AcquireOptions,
): Promise<Taken> {
  const { node_locked_retry_attempts: attempts, node_locked_retry_interval: interval } =
    ctx.config.conductor
  const waits = options.patient === true || (options.retry !== false && attempts > 1)
  if (!waits) throw await lockedError(ctx, refused, options)
  const most = options.patient === true ? Infinity : (attempts - 1) * interval * 1000
  const kept = Math.min(most, 10 * interval * 1000)
  using ear = new Ear(ctx, refused.id)
  const place = await enqueue(ctx, refused.id, priorityOf(options), options.purpose, kept)
  try {
    return await takeTurn(ctx, { refused, options, place, ear, most, kept })
  } catch (error) {
    await leaveQueue(ctx, place)
    throw error
  }
}

interface Turn {
  readonly refused: Refused
  readonly options: AcquireOptions
  readonly place: Place
  readonly ear: Ear
  readonly most: number
  readonly kept: number
}

/** The first attempt comes at once: the reservation may have been given back meanwhile. */
async function takeTurn(ctx: AppContext, turn: Turn): Promise<Taken> {
  const { refused, options, place, ear, most, kept } = turn
  const interval = ctx.config.conductor.node_locked_retry_interval * 1000
  const begun = ctx.clock.now().getTime()
  for (;;) {
    const result = await attemptAcquire(ctx, refused.id, options, place)
    if ('held' in result) return result
    const left = begun + most - ctx.clock.now().getTime()
    if (left <= 0) throw await lockedError(ctx, result, options)
    await ear.wait(ctx, Math.min(interval, left), options.signal)
    if (most > kept) await keepPlace(ctx, place, kept)
  }
}

/** Upstream's text; who holds it, since when and why stands in headers and in the timeline. */
async function lockedError(
  ctx: AppContext,
  { id, uuid, lockedBy }: Refused,
  { purpose, retry }: AcquireOptions,
): Promise<NodeLocked> {
  locksRefused.inc({ purpose })
  const [holder] = retry === false ? [] : await holderOf(ctx, id)
  const since = holder === undefined ? null : new Date(String(holder['since'])).toISOString()
  const held = holder === undefined ? null : String(holder['purpose'])
  if (retry !== false) {
    const by = `${lockedBy}${held === null ? '' : ` for ${held} since ${since}`}`
    const summary = `refused to ${purpose}: reserved by ${by}`
    recordEvent(ctx, { nodeUuid: uuid, kind: 'lock', summary, purpose, lockedBy, held, since })
  }
  const { node_locked_retry_interval: interval } = ctx.config.conductor
  return new NodeLocked(uuid, lockedBy, interval, {
    ...(since === null ? {} : { 'Ferric-Locked-Since': since }),
    ...(held === null ? {} : { 'Ferric-Locked-For': held.replace(/[^\x20-\x7e]/g, '?') }),
  })
}

const holderOf = (ctx: AppContext, nodeId: number) =>
  rawRows(ctx.db.orm, sql`select purpose, since from ferric_reservations where node_id = ${nodeId}`)

/** Who did not wait for the lock is periodic work or a message, and tells what it did itself. */
function tellTaken(
  ctx: AppContext,
  row: NodeRow,
  { purpose }: AcquireOptions,
  begun: number,
): void {
  const summary = `reserved by ${row.reservation ?? ctx.host} for ${purpose}`
  const waitedMs = ctx.clock.now().getTime() - begun
  recordEvent(ctx, { nodeUuid: row.uuid, kind: 'lock', summary, purpose, waitedMs })
}

function checkIdent(ident: NodeIdent): void {
  if (typeof ident === 'number' || isUuidLike(ident)) return
  throw new InvalidParameterValue(`Expected a UUID or int but received ${ident}.`)
}

async function attemptAcquire(
  ctx: AppContext,
  ident: NodeIdent,
  options: AcquireOptions,
  place: Place | null,
): Promise<Taken | Refused> {
  const ring = await ringOf(ctx).current()
  const guess = ring.onlyHost
  if (guess !== null) {
    const taken = await compareAndSet(ctx, ident, guess, options, place)
    if (taken !== null) return await checkRoute(ctx, taken)
  }
  const row = await readNode(ctx, ident)
  const host = await ringOf(ctx).hostFor(row)
  const { id, uuid } = row
  if (row.reservation !== null) return { id, uuid, lockedBy: row.reservation }
  const taken = await compareAndSet(ctx, id, host, options, place)
  return taken ?? { id, uuid, lockedBy: (await readNode(ctx, id)).reservation ?? host }
}

/**
 * Free, in words no index knows: where PostgreSQL has counted nothing yet it would rather walk through
 * all free nodes than find the one by its identifier.
 */
const isFree = sql`reservation is not distinct from null`

/** With one conductor the node was reserved before its route was known; undo if there is none. */
async function checkRoute(ctx: AppContext, taken: Taken) {
  try {
    await ringOf(ctx).hostFor(taken.row)
    return taken
  } catch (error) {
    await release(ctx, taken.held)
    throw error
  }
}

async function compareAndSet(
  ctx: AppContext,
  ident: NodeIdent,
  host: string,
  options: AcquireOptions,
  place: Place | null,
): Promise<Taken | null> {
  const token = randomUUID()
  const now = ctx.clock.now().toISOString()
  const found = await rawRows(
    ctx.db.orm,
    sql`with held as (
      update nodes set reservation = ${host} where ${byIdent(ident)} and ${isFree}
        and ${isNext(ctx, place ?? priorityOf(options))}
      returning *
    )${place === null ? sql`` : leaving(place)}, noted as (
      insert into ferric_reservations (node_id, token, host, process_id, task_id, purpose, since)
      select id, ${token}::uuid, ${host}, ${ctx.processId}::uuid, ${options.taskId ?? null}::uuid,
        ${options.purpose}, ${now}::timestamptz from held
      on conflict (node_id) do update set token = excluded.token, host = excluded.host,
        process_id = excluded.process_id, task_id = excluded.task_id, purpose = excluded.purpose,
        since = excluded.since
    ) select row_to_json(held) as row from held`,
  )
  if (found[0] === undefined) return null
  const row = fromJson(nodes, found[0]['row'])
  return { row, held: { nodeId: row.id, token } }
}

/** Who has it waits no longer. */
const leaving = (place: Place): SQL => sql`, gone as (
  delete from ferric_lock_waiters using held where ferric_lock_waiters.id = ${place.id}::uuid)`

/** Gives a reservation back. Harmless when it is no longer ours. */
export async function release(ctx: AppContext, held: Held): Promise<void> {
  await ctx.db.orm.execute(
    sql`with gone as (
      delete from ferric_reservations
      where node_id = ${held.nodeId} and token = ${held.token}::uuid returning node_id
    ), free as (
      update nodes set reservation = null
      where nodes.id = ${held.nodeId} and exists (select from gone) returning nodes.id
    ) select ${notifyWaiters(sql`free.id`)} from free`,
  )
  wakeWaiters(ctx, held.nodeId)
}
