import { sql } from 'drizzle-orm'
import type { AppContext } from '../../context.js'
import { isActionable } from '../state/machine.js'
import { nodeTask } from '../node/with-node.js'
import { ReservationLost } from '../node/writes.js'
import { rawRows } from '../../db/raw-rows.js'
import { settle } from './settle.js'
import { transientStates } from '../state/states.js'
import { callerOf, claim, type Claim } from './tasks.js'

/**
 * Work that waits in a queue no conductor takes from any more: its driver or its group is gone.
 * Fails it, so that its node is free again.
 * @returns how many tasks were failed
 */
export async function failUnserved(ctx: AppContext, signal: AbortSignal): Promise<number> {
  let failed = 0
  for (const id of await unserved(ctx)) {
    signal.throwIfAborted()
    const claimed = await claim(ctx, id)
    if (claimed !== null && (await failTask(ctx, claimed, signal))) failed++
  }
  return failed
}

/**
 * Queued tasks that hold a node. A conductor counts as gone for good when it has been silent for
 * twice the heartbeat time-out. One that came back without the driver or with another group says so
 * only by its new process, and after an outage not all start at once: while any conductor is younger
 * than that nothing is failed.
 */
async function unserved(ctx: AppContext): Promise<string[]> {
  const seconds = ctx.config.conductor.heartbeat_timeout
  if (seconds === 0) return []
  const before = new Date(ctx.clock.now().getTime() - 2 * seconds * 1000).toISOString()
  const found = await rawRows(
    ctx.db.orm,
    sql`select t.id from ferric_tasks t
      join ferric_reservations r on r.task_id = t.id
      join nodes n on n.id = t.node_id
      where t.state = 'queued' and t.created_at < ${before}::timestamptz
        and not exists (select from conductors c
          where c.conductor_group = n.conductor_group and c.updated_at >= ${before}::timestamptz
            and c.drivers::jsonb @> to_jsonb(n.driver::text))
        and not exists (select from ferric_processes p
          where p.started_at >= ${before}::timestamptz
            and 'conductor' = any(string_to_array(p.roles, ',')))`,
  )
  return found.map((row) => String(row['id']))
}

/** Needs no driver: this conductor may not have it. */
async function failTask(ctx: AppContext, claimed: Claim, signal: AbortSignal): Promise<boolean> {
  const { task: row, row: node, held } = claimed
  if (node === null || held === null) return false
  const caller = callerOf(row, signal)
  const task = nodeTask(ctx, caller, { row: node, held, taskId: row.id })
  const { driver, conductorGroup, provisionState } = node
  task.node.targetPowerState = null
  task.recordError(
    `The ${row.kind} operation was given up: no conductor serves the driver ${driver ?? ''} in the conductor group "${conductorGroup}" any more.`,
    'transition',
  )
  if (transientStates.has(provisionState) && isActionable(provisionState, 'fail')) {
    task.transition('fail')
  }
  try {
    await settle(ctx, () => task.finish(), signal)
    return true
  } catch (error) {
    if (error instanceof ReservationLost) return false
    throw error
  }
}
