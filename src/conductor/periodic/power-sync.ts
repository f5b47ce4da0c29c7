import { and, asc, eq, isNull, notInArray } from 'drizzle-orm'
import type { AppContext } from '../../context.js'
import type { NodeRow } from '../../db/rows.js'
import { nodes } from '../../db/schema/index.js'
import type { PowerState } from '../../drivers/interfaces.js'
import { Invalid } from '../../errors.js'
import { systemCaller } from '../caller.js'
import { infoOf } from '../internal-info.js'
import { NodeTask } from '../node-task.js'
import { nodePowerAction } from '../power.js'
import { faults, powerSyncExcludedStates } from '../states.js'
import { errorText } from '../text.js'
import { noteFacts, readFacts, type Facts } from './facts.js'
import { forEachNode, ownedNodes } from './owned.js'
import type { Periodic } from './schedule.js'

/**
 * Compares the power state in the database with the machine (conductor.md 15.1). The machine is
 * read without the lock; only a difference takes it.
 */
export function powerSync(ctx: AppContext): Periodic {
  const failures = new Map<number, number>()
  return {
    name: 'power sync',
    interval: ctx.config.conductor.sync_power_state_interval,
    run: (context, signal) => syncAll(context, failures, signal),
  }
}

/** One round. `failures` counts per node over the rounds of this process. */
export async function syncAll(
  ctx: AppContext,
  failures: Map<number, number>,
  signal: AbortSignal,
): Promise<void> {
  const { sync_power_state_workers: workers, periodic_max_workers: most } = ctx.config.conductor
  const idle = and(
    eq(nodes.maintenance, false),
    isNull(nodes.reservation),
    isNull(nodes.targetPowerState),
    notInArray(nodes.provisionState, [...powerSyncExcludedStates]),
  )
  const rows = await ownedNodes(ctx, idle, asc(nodes.id))
  const count = (row: NodeRow): number => failures.get(row.id) ?? 0
  const ordered = rows.toSorted((a, b) => count(b) - count(a))
  forgetOthers(failures, rows)
  await forEachNode(ctx, ordered, Math.min(workers, most), signal, async (row) => {
    const next = await syncOne(ctx, row, count(row) + 1, signal)
    if (next === 0) failures.delete(row.id)
    else failures.set(row.id, next)
  })
}

function forgetOthers(failures: Map<number, number>, rows: readonly NodeRow[]): void {
  const seen = new Set(rows.map((row) => row.id))
  for (const id of failures.keys()) if (!seen.has(id)) failures.delete(id)
}

type Reading = { state: PowerState | null } | { error: unknown }

/** @returns the failure count to keep: 0 when all is well */
async function syncOne(
  ctx: AppContext,
  row: NodeRow,
  count: number,
  signal: AbortSignal,
): Promise<number> {
  const task = new NodeTask(ctx, systemCaller(signal), { row, held: null })
  if (infoOf(row)['redfish_fw_updates']) return count - 1
  if (row.powerState === null && !(await isValid(task))) return 0
  const reading = await read(task)
  const exhausted = count > ctx.config.conductor.power_state_sync_max_retries
  if ('error' in reading) {
    if (exhausted) await locked(task, () => giveUp(task, null, reading.error))
    return count
  }
  const facts = await readFacts(task)
  if (reading.state === row.powerState) {
    const heal = row.lastError !== null && ctx.config.conductor.node_history
    if (heal || facts !== null) await locked(task, (held) => allWell(held, heal, facts))
    return 0
  }
  return await locked(task, (held) => differs(held, reading.state, count, exhausted))
}

async function isValid(task: NodeTask): Promise<boolean> {
  try {
    await task.driver.power.validate(task)
    return true
  } catch (error) {
    if (error instanceof Invalid) return false
    throw error
  }
}

async function read(task: NodeTask): Promise<Reading> {
  try {
    const state = await task.driver.power.getPowerState(task)
    if (state !== 'error') return { state }
    return {
      error: new Error('Power driver returned ERROR state while trying to sync power state.'),
    }
  } catch (error) {
    return { error }
  }
}

/** Takes the lock with a fresh node, and gives it back with what changed. */
async function locked<T>(task: NodeTask, work: (task: NodeTask) => Promise<T>): Promise<T> {
  await task.upgrade('power state sync', { retry: false })
  try {
    return await work(task)
  } finally {
    await task.finish()
  }
}

function allWell(task: NodeTask, heal: boolean, facts: Facts | null): Promise<void> {
  if (heal) task.node.lastError = null
  if (facts !== null) noteFacts(task, facts)
  return Promise.resolve()
}

async function differs(
  task: NodeTask,
  actual: PowerState | null,
  count: number,
  exhausted: boolean,
): Promise<number> {
  const { node } = task
  if (actual === node.powerState || powerSyncExcludedStates.has(node.provisionState)) return 0
  if (node.maintenance) return 0
  const seen = `the machine is ${actual ?? 'in an unknown state'}, the database says ${node.powerState ?? 'nothing'}`
  task.tell('power', `power sync: ${seen}`, { actual, expected: node.powerState, count })
  if (node.powerState === null) {
    node.powerState = actual
    if (task.ctx.config.conductor.node_history) node.lastError = null
    return 0
  }
  if (exhausted) await giveUp(task, actual, null)
  else await correct(task, actual)
  return count
}

async function correct(task: NodeTask, actual: PowerState | null): Promise<void> {
  const { node, driver, ctx } = task
  const force = ctx.config.conductor.force_power_state_during_sync
  if (!force || !driver.power.supportsPowerSync || node.disablePowerOff) {
    node.powerState = actual
    return
  }
  try {
    await nodePowerAction(task, node.powerState === 'power on' ? 'power on' : 'power off')
  } catch (error) {
    ctx.log.warn({ error, node: node.uuid }, 'the power sync could not change the power state')
  }
}

/** The machine cannot be brought in line: the node goes into maintenance until it answers. */
function giveUp(task: NodeTask, actual: PowerState | null, error: unknown): Promise<void> {
  const { node } = task
  const shown = actual ?? 'None'
  const reason = error === null ? '' : ` Error: ${errorText(error)}`
  const text = `During sync_power_state, max retries exceeded for node ${node.uuid}, node state ${shown} does not match expected state '${node.powerState ?? 'None'}'. Updating DB state to '${shown}' Switching node to maintenance mode.${reason}`
  node.powerState = actual
  task.recordError(text, 'monitoring')
  if (!node.maintenance) {
    Object.assign(node, { maintenance: true, maintenanceReason: text, fault: faults.power })
  }
  return Promise.resolve()
}

/** Nodes that a power failure put into maintenance leave it when their machine answers. */
export function powerRecovery(ctx: AppContext): Periodic {
  return {
    name: 'power failure recovery',
    interval: ctx.config.conductor.power_failure_recovery_interval,
    run: recoverAll,
  }
}

export async function recoverAll(ctx: AppContext, signal: AbortSignal): Promise<void> {
  const failed = and(eq(nodes.maintenance, true), eq(nodes.fault, faults.power))
  const idle = and(failed, isNull(nodes.reservation), isNull(nodes.targetPowerState))
  const where = and(idle, notInArray(nodes.provisionState, ['enroll']))
  const rows = await ownedNodes(ctx, where, asc(nodes.id))
  const workers = ctx.config.conductor.periodic_max_workers
  await forEachNode(ctx, rows, workers, signal, async (row) => {
    const task = new NodeTask(ctx, systemCaller(signal), { row, held: null })
    if (!(await isValid(task))) return
    const reading = await read(task)
    if ('error' in reading) return
    await locked(task, (held) => {
      if (held.node.fault === faults.power) {
        const well = { maintenance: false, maintenanceReason: null, fault: null }
        Object.assign(held.node, { ...well, powerState: reading.state })
      }
      return Promise.resolve()
    })
  })
}
