import { randomUUID } from 'node:crypto'
import { eq, sql, type SQL } from 'drizzle-orm'
import type { AppContext } from '../context.js'
import type { NodeRow } from '../db/rows.js'
import { nodes } from '../db/schema/index.js'
import { InvalidParameterValue, NodeLocked, ObjectNotFound } from '../errors.js'
import { locksRefused } from '../metrics.js'
import { recordEvent } from '../timeline.js'
import { ringOf } from './ring.js'
import { fromJson, rawRows } from './rows.js'

/**
 * The lock on a node: `nodes.reservation` for clients, `ferric_reservations` for who really
 * holds it. Both are written by one statement, so they never disagree (conductor.md 1.2).
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
  readonly signal: AbortSignal
  readonly taskId?: string
}

/** Selects a node by internal id or by uuid. */
export function byIdent(ident: NodeIdent): SQL {
  return typeof ident === 'number' ? eq(nodes.id, ident) : eq(nodes.uuid, ident)
}

/** Reads a node. @throws ObjectNotFound */
export async function readNode(ctx: AppContext, ident: NodeIdent): Promise<NodeRow> {
  const [row] = await ctx.db.orm.select().from(nodes).where(byIdent(ident)).limit(1)
  if (row === undefined) throw new ObjectNotFound('Node', ident)
  return row
}

/**
 * Reserves a node and reads it.
 * @throws ObjectNotFound; NoValidHost, Unavailable when no conductor can serve it; NodeLocked when
 *   the attempts are used up
 */
export async function acquire(
  ctx: AppContext,
  ident: NodeIdent,
  options: AcquireOptions,
): Promise<{ row: NodeRow; held: Held }> {
  checkIdent(ident)
  const { node_locked_retry_attempts: configured, node_locked_retry_interval: interval } =
    ctx.config.conductor
  const attempts = options.patient ? Infinity : options.retry === false ? 1 : configured
  for (let attempt = 1; ; attempt++) {
    const result = await attemptAcquire(ctx, ident, options)
    if ('held' in result) {
      tellTaken(ctx, result.row, options, attempt)
      return result
    }
    if (attempt >= attempts) {
      locksRefused.inc({ purpose: options.purpose })
      throw new NodeLocked(result.uuid, result.lockedBy, interval)
    }
    await ctx.clock.sleep(interval * 1000, options.signal)
  }
}

/** Who did not wait for the lock is periodic work or a message, and tells what it did itself. */
function tellTaken(
  ctx: AppContext,
  row: NodeRow,
  { purpose, retry }: AcquireOptions,
  attempt: number,
): void {
  if (retry === false) return
  const summary = `reserved by ${row.reservation ?? ctx.host} for ${purpose}`
  recordEvent(ctx, { nodeUuid: row.uuid, kind: 'lock', summary, purpose, attempt })
}

function checkIdent(ident: NodeIdent): void {
  if (typeof ident === 'number' || /^[0-9a-f-]{32,36}$/i.test(ident)) return
  throw new InvalidParameterValue(`Expected a UUID or int but received ${ident}.`)
}

type Attempt = { row: NodeRow; held: Held } | { uuid: string; lockedBy: string }

async function attemptAcquire(
  ctx: AppContext,
  ident: NodeIdent,
  options: AcquireOptions,
): Promise<Attempt> {
  const ring = await ringOf(ctx).current()
  const guess = ring.onlyHost
  if (guess !== null) {
    const taken = await compareAndSet(ctx, ident, guess, options)
    if (taken !== null) return await checkRoute(ctx, taken)
  }
  const row = await readNode(ctx, ident)
  const host = await ringOf(ctx).hostFor(row)
  if (row.reservation !== null) return { uuid: row.uuid, lockedBy: row.reservation }
  const taken = await compareAndSet(ctx, row.id, host, options)
  return taken ?? { uuid: row.uuid, lockedBy: (await readNode(ctx, row.id)).reservation ?? host }
}

/** With one conductor the node was reserved before its route was known; undo if there is none. */
async function checkRoute(ctx: AppContext, taken: { row: NodeRow; held: Held }) {
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
): Promise<{ row: NodeRow; held: Held } | null> {
  const token = randomUUID()
  const now = ctx.clock.now().toISOString()
  const found = await rawRows(
    ctx.db.orm,
    sql`with held as (
      update nodes set reservation = ${host} where ${byIdent(ident)} and reservation is null
      returning *
    ), noted as (
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

/** Gives a reservation back. Harmless when it is no longer ours. */
export async function release(ctx: AppContext, held: Held): Promise<void> {
  await ctx.db.orm.execute(
    sql`with gone as (
      delete from ferric_reservations
      where node_id = ${held.nodeId} and token = ${held.token}::uuid returning node_id
    ) update nodes set reservation = null from gone where nodes.id = gone.node_id`,
  )
}
