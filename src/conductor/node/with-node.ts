import type { AppContext } from '../../context.js'
import { ringOf } from '../cluster/ring.js'
import type { LockPriority } from '../lock/queue.js'
import { acquire, readNode, type NodeIdent } from '../lock/reservation.js'
import type { Caller } from '../work/caller.js'
import { settle } from '../work/settle.js'
import { changePower } from './power.js'
import { NodeTask, type NodeTaskParts } from './task.js'
import { ReservationLost } from './writes.js'

/** How `withNode` opens a node. */
export interface WithNodeOptions {
  /** Why, for operators: shown with the lock. */
  readonly purpose: string
  /** Only reads: no lock is taken. */
  readonly shared?: boolean
  /** False: one attempt at the lock. */
  readonly retry?: boolean
  /** Waits for the lock without a limit of its own; the caller's signal ends the wait. */
  readonly patient?: boolean
  /** The place in the queue where several callers wait for the lock. */
  readonly priority?: LockPriority
  /** False: the node's driver need not exist. */
  readonly loadDriver?: boolean
}

/** Makes the task of one node. The only place that does, because it joins the task and its power changes. */
export function nodeTask(ctx: AppContext, caller: Caller, parts: NodeTaskParts): NodeTask {
  return new NodeTask(ctx, caller, parts, (task, target, timeoutSeconds) =>
    changePower(
      task,
      (ident, options, work) => withNode(ctx, caller, ident, options, work),
      target,
      timeoutSeconds,
    ),
  )
}

/**
 * Runs `work` on a node, reserved for as long as it runs unless `shared`. What `work` changed is
 * stored only by its own `save` or `spawn`; after `spawn` the reservation belongs to the task.
 * @param ident internal id or uuid
 * @throws ObjectNotFound, NodeLocked, NoValidHost, Unavailable, DriverNotFound
 */
export async function withNode<T>(
  ctx: AppContext,
  caller: Caller,
  ident: NodeIdent,
  options: WithNodeOptions,
  work: (task: NodeTask) => Promise<T>,
): Promise<T> {
  const task = nodeTask(ctx, caller, await open(ctx, caller, ident, options))
  try {
    if (options.loadDriver !== false) task.loadDriver()
    return await work(task)
  } finally {
    if (!task.shared) {
      task.discard()
      await release(task)
    }
  }
}

async function open(
  ctx: AppContext,
  { signal }: Caller,
  ident: NodeIdent,
  options: WithNodeOptions,
): Promise<NodeTaskParts> {
  if (options.shared !== true) return await acquire(ctx, ident, { ...options, signal })
  const row = await readNode(ctx, ident)
  await ringOf(ctx).hostFor(row)
  return { row, held: null }
}

/** While the database is away the answer does not wait; the reservation is released once it is back. */
async function release(task: NodeTask): Promise<void> {
  try {
    await task.finish()
  } catch (error) {
    if (error instanceof ReservationLost) return
    const log = task.ctx.log.conductor
    const fields = { error, node: task.node.uuid }
    log.error(fields, 'a reservation could not be released yet; trying again')
    settle(task.ctx, () => task.finish()).catch((later: unknown) => {
      log.error({ ...fields, error: later }, 'a reservation was not released')
    })
  }
}
