import { errorText } from '../../error-text.js'
import type { AppContext } from '../../context.js'
import { taskSeconds } from '../../metrics.js'
import { Postponed, type NodeWork, type WorkTable } from './types.js'
import type { NodeTask } from '../node/task.js'
import { nodeTask } from '../node/with-node.js'
import { ReservationLost } from '../node/writes.js'
import { acquire } from '../lock/reservation.js'
import { isActionable } from '../state/machine.js'
import { withWorkIds } from '../../log/ids.js'
import { settle } from './settle.js'
import { transientStates } from '../state/states.js'
import { callerOf, claim, forgetTask, handBack, postpone, removeTask, type Claim } from './tasks.js'

/** How often work is begun without coming further before it counts as work that kills its process. */
const maxAttempts = 10

/**
 * Takes a task the queue spoke of and does it. Messages that are late or come twice end here.
 * @param signal aborted when the process must stop: unfinished work goes back to the queue
 */
export async function handleTask(
  ctx: AppContext,
  works: WorkTable,
  taskId: string,
  signal: AbortSignal,
): Promise<void> {
  if (signal.aborted) return
  const claimed = await claim(ctx, taskId)
  if (claimed === null) return
  const ids = { task: taskId, kind: claimed.task.kind, node: claimed.row?.uuid }
  const requestId = claimed.task.requestId ?? undefined
  await withWorkIds({ ...ids, requestId }, () => runTask(ctx, works, claimed, signal))
}

async function runTask(
  ctx: AppContext,
  works: WorkTable,
  claimed: Claim,
  signal: AbortSignal,
): Promise<void> {
  const taskId = claimed.task.id
  const work = works[claimed.task.kind]
  const log = ctx.log.conductor
  if (work === undefined) {
    log.error('this version does not know the work; another conductor may')
    return await handBack(ctx, taskId)
  }
  const ended = taskSeconds.startTimer({
    kind: claimed.task.kind,
    driver: claimed.row?.driver ?? '',
  })
  try {
    if (work.lock !== 'none') await runOnNode(ctx, work, claimed, signal)
    else {
      await work.run(ctx, callerOf(claimed.task, signal), claimed.task.args)
      await removeTask(ctx, taskId)
    }
    ended({ outcome: 'done' })
  } catch (error) {
    ended({ outcome: outcomeOf(error, signal) })
    if (signal.aborted) return await handBack(ctx, taskId)
    if (error instanceof Postponed) return await postpone(ctx, claimed.task, error.delayMs)
    const lost = error instanceof ReservationLost
    if (lost) log.warn('the reservation was taken over')
    else log.error({ error }, 'a task failed')
    const end = () => (lost ? forgetTask(ctx, claimed.task) : removeTask(ctx, taskId))
    await settle(ctx, end, signal)
  }
}

function outcomeOf(error: unknown, signal: AbortSignal): string {
  if (signal.aborted) return 'handed back'
  return error instanceof Postponed ? 'postponed' : 'failed'
}

async function runOnNode(
  ctx: AppContext,
  work: NodeWork,
  claimed: Claim,
  signal: AbortSignal,
): Promise<void> {
  const opened = await openTask(ctx, work, claimed, signal)
  if (opened === null) return await removeTask(ctx, claimed.task.id)
  const { kind } = claimed.task
  if (kind !== 'heartbeat') {
    const again = opened.attempt > 1 ? `, attempt ${opened.attempt}` : ''
    opened.tell('attempt', `begins ${kind}${again}`, { work: kind, attempt: opened.attempt })
  }
  try {
    if (opened.attempt > maxAttempts) await giveUp(opened, work)
    else await work.run(opened, claimed.task.args)
  } catch (error) {
    if (error instanceof ReservationLost || error instanceof Postponed) throw error
    if (signal.aborted) {
      if (opened.held !== null && !opened.handedOver) await opened.save()
      throw error
    }
    escaped(opened, work, error)
  }
  if (opened.handedOver) return
  if (opened.shared) await removeTask(ctx, claimed.task.id)
  else await finish(opened, signal)
}

/** Stores the result and gives the node back; a result that cannot be stored becomes an error. */
async function finish(task: NodeTask, signal: AbortSignal): Promise<void> {
  const write = () => settle(task.ctx, () => task.finish(), signal)
  try {
    await write()
  } catch (error) {
    if (error instanceof ReservationLost || signal.aborted) throw error
    task.ctx.log.conductor.error(
      { error, node: task.node.uuid },
      'the result of some work cannot be stored',
    )
    task.discard()
    await task.refresh()
    task.node.lastError = 'The result of the operation could not be stored; see the service log.'
    leaveTransient(task)
    await write()
  }
}

/** The node with its lock. Null when there is nothing left to work on. */
async function openTask(
  ctx: AppContext,
  work: NodeWork,
  claimed: Claim,
  signal: AbortSignal,
): Promise<NodeTask | null> {
  const { task, row, held } = claimed
  if (row === null) return null
  const parts = { taskId: task.id, attempt: task.attempts }
  const caller = callerOf(task, signal)
  if (held !== null || work.lock === 'shared') {
    return nodeTask(ctx, caller, { ...parts, row, held })
  }
  if (work.lock === 'handed') return null
  const options = { purpose: task.kind, patient: true, signal, taskId: task.id }
  return nodeTask(ctx, caller, { ...parts, ...(await acquire(ctx, row.id, options)) })
}

/** Upstream's words for an error that no handler caught. */
function escaped(task: NodeTask, work: NodeWork, error: unknown): void {
  task.ctx.log.conductor.error(
    { error, node: task.node.uuid, method: work.method },
    'work on a node failed',
  )
  if (task.shared || task.handedOver) return
  const text = errorText(error)
  task.node.lastError ??= `Async execution of ${work.method} failed with error: ${text}`
  task.tell('error', task.node.lastError, { method: work.method })
  leaveTransient(task)
}

async function giveUp(task: NodeTask, work: NodeWork): Promise<void> {
  const { provisionState } = task.node
  const reason = `The ${provisionState} state can't be resumed by conductor ${task.ctx.host}. Moving to fail state.`
  if (work.giveUp !== undefined) return await work.giveUp(task, reason)
  task.recordError(reason, 'transition')
  leaveTransient(task)
}

/** A node nobody works on any more must not look as if somebody did. */
function leaveTransient(task: NodeTask): void {
  const { provisionState } = task.node
  if (transientStates.has(provisionState) && isActionable(provisionState, 'fail')) {
    task.transition('fail')
  }
}
