import { and, eq, isNull, notInArray, type SQL } from 'drizzle-orm'
import { isAmong } from '../../db/many.js'
import type { AppContext } from '../../context.js'
import type { NodeRow } from '../../db/rows.js'
import { nodes } from '../../db/schema/index.js'
import type { PowerState } from '../../drivers/interfaces.js'
import { systemCaller } from '../work/caller.js'
import { infoOf } from '../node/internal-info.js'
import type { NodeTask } from '../node/task.js'
import { nodeTask } from '../node/with-node.js'
import { powerSyncExcludedStates } from '../state/states.js'
import { readFacts } from './facts.js'
import { forEachNode, ownedPages, withIdleNode } from './owned.js'
import { adopt, allWell, difference, giveUp, store, type Outcome } from './power-outcome.js'
import { isAskable, readPower } from './power-reading.js'
import type { Periodic } from './schedule.js'

/**
 * Compares the power state in the database with the machine (docs/reference/conductor.md 15.1). The machine is
 * read and what it says is written without the lock; only who switches the machine takes it.
 */
export function powerSync(ctx: AppContext): Periodic {
  const failures = new Map<number, number>()
  return {
    name: 'power sync',
    interval: ctx.config.conductor.sync_power_state_interval,
    run: (context, signal) => syncAll(context, failures, signal),
  }
}

/** One round, nodes that failed before first. `failures` counts per node over the rounds of this process. */
export async function syncAll(
  ctx: AppContext,
  failures: Map<number, number>,
  signal: AbortSignal,
): Promise<void> {
  const worst = [...failures].toSorted((a, b) => b[1] - a[1]).map(([id]) => id)
  const seen = new Set<number>()
  if (worst.length > 0) await syncSome(ctx, isAmong(nodes.id, worst), { failures, seen, signal })
  for (const id of worst) if (!seen.has(id)) failures.delete(id)
  await syncSome(ctx, undefined, { failures, seen, signal })
}

interface Round {
  readonly failures: Map<number, number>
  /** Ids of the nodes that had their turn. */
  readonly seen: Set<number>
  readonly signal: AbortSignal
}

async function syncSome(ctx: AppContext, which: SQL | undefined, round: Round): Promise<void> {
  const { sync_power_state_workers: workers, periodic_max_workers: most } = ctx.config.conductor
  const idle = and(
    which,
    eq(nodes.maintenance, false),
    isNull(nodes.reservation),
    isNull(nodes.targetPowerState),
    notInArray(nodes.provisionState, [...powerSyncExcludedStates]),
  )
  for await (const page of ownedPages(ctx, idle)) {
    if (round.signal.aborted) return
    const rows = page.filter((row) => !round.seen.has(row.id))
    for (const row of rows) round.seen.add(row.id)
    await syncPage(ctx, rows, Math.min(workers, most), round)
  }
}

/** Workers go on to the next machine while what the last one said is written with that of others. */
async function syncPage(
  ctx: AppContext,
  rows: readonly NodeRow[],
  workers: number,
  { failures, signal }: Round,
): Promise<void> {
  const writes: Promise<void>[] = []
  await forEachNode(ctx, rows, workers, signal, async (row) => {
    const task = nodeTask(ctx, systemCaller(signal), { row, held: null })
    const { next, outcome } = await syncOne(task, (failures.get(row.id) ?? 0) + 1)
    if (outcome === null) keep(failures, row.id, next)
    else writes.push(write(task, outcome, () => keep(failures, row.id, next)))
  })
  await Promise.all(writes)
}

/** @param count how often in a row it failed; 0 when all is well */
function keep(failures: Map<number, number>, id: number, count: number): void {
  if (count === 0) failures.delete(id)
  else failures.set(id, count)
}

async function write(task: NodeTask, outcome: Outcome, written: () => void): Promise<void> {
  try {
    if (await store(task, outcome)) written()
  } catch (error) {
    task.ctx.log.conductor.error({ error, node: task.node.uuid }, 'the power sync could not write')
  }
}

interface Judged {
  /** The failure count to keep: 0 when all is well. */
  readonly next: number
  /** What is to be stored. */
  readonly outcome: Outcome | null
}

async function syncOne(task: NodeTask, count: number): Promise<Judged> {
  const { node, ctx } = task
  if (infoOf(node)['redfish_fw_updates']) return { next: count - 1, outcome: null }
  if (node.powerState === null && !(await isAskable(task))) return { next: 0, outcome: null }
  const reading = await readPower(task)
  const exhausted = count > ctx.config.conductor.power_state_sync_max_retries
  if ('error' in reading) {
    return { next: count, outcome: exhausted ? giveUp(task, null, reading.error) : null }
  }
  const facts = await readFacts(task)
  if (reading.state === node.powerState) return { next: 0, outcome: allWell(task, facts) }
  if (node.powerState === null) return { next: 0, outcome: adopt(task, reading.state) }
  if (exhausted) return { next: count, outcome: giveUp(task, reading.state, null) }
  if (!mayForce(task)) return { next: count, outcome: adopt(task, reading.state) }
  await force(task, reading.state)
  return { next: count, outcome: null }
}

const mayForce = ({ ctx, driver, node }: NodeTask): boolean =>
  ctx.config.conductor.force_power_state_during_sync &&
  driver.power.supportsPowerSync &&
  !node.disablePowerOff

/** Switches the machine to what the database says, with the lock and a fresh node. */
async function force(task: NodeTask, actual: PowerState | null): Promise<void> {
  const { ctx, node, signal } = task
  await withIdleNode(ctx, node, 'power state sync', signal, async (held) => {
    const { powerState: expected, provisionState, maintenance } = held.node
    if (actual === expected || maintenance || powerSyncExcludedStates.has(provisionState)) return
    held.tell('power', `power sync: ${difference(expected, actual)}`, { actual, expected })
    try {
      await held.powerAction(expected === 'power on' ? 'power on' : 'power off')
    } catch (error) {
      ctx.log.conductor.warn(
        { error, node: node.uuid },
        'the power sync could not change the power state',
      )
    }
    await held.finish()
  })
}
