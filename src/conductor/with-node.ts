import type { AppContext } from '../context.js'
import type { Caller } from './caller.js'
import { NodeTask } from './node-task.js'
import { ReservationLost } from './node-writes.js'
import { acquire, readNode, type NodeIdent } from './reservation.js'
import { ringOf } from './ring.js'
import { settle } from './settle.js'

export interface WithNodeOptions {
  /** Why, for operators: shown with the lock. */
  readonly purpose: string
  /** Only read: no lock is taken. */
  readonly shared?: boolean
  /** False: one attempt at the lock. */
  readonly retry?: boolean
  /** Waits for the lock for ever. */
  readonly patient?: boolean
  /** False: the node's driver need not exist. */
  readonly loadDriver?: boolean
}

/**
 * Runs `fn` on a node, reserved for as long as it runs unless `shared`. What `fn` changed is stored
 * only by its own `save` or `spawn`; after `spawn` the reservation belongs to the task.
 * @param ident internal id or uuid
 * @throws ObjectNotFound, NodeLocked, NoValidHost, Unavailable, DriverNotFound
 */
export async function withNode<T>(
  ctx: AppContext,
  caller: Caller,
  ident: NodeIdent,
  options: WithNodeOptions,
  fn: (task: NodeTask) => Promise<T>,
): Promise<T> {
  const task = options.shared
    ? await openShared(ctx, caller, ident)
    : new NodeTask(ctx, caller, await acquire(ctx, ident, { ...options, signal: caller.signal }))
  try {
    if (options.loadDriver !== false) void task.driver
    return await fn(task)
  } finally {
    if (!task.shared) {
      task.discard()
      await giveBack(task)
    }
  }
}

/** The answer does not wait for a database that is away; the reservation is given back once it is back. */
async function giveBack(task: NodeTask): Promise<void> {
  try {
    await task.finish()
  } catch (error) {
    if (error instanceof ReservationLost) return
    task.ctx.log.error({ error, node: task.node.uuid }, 'a reservation could not be given back yet')
    settle(task.ctx, () => task.finish()).catch((later: unknown) => {
      task.ctx.log.error({ error: later, node: task.node.uuid }, 'a reservation was not given back')
    })
  }
}

async function openShared(ctx: AppContext, caller: Caller, ident: NodeIdent): Promise<NodeTask> {
  const row = await readNode(ctx, ident)
  await ringOf(ctx).hostFor(row)
  return new NodeTask(ctx, caller, { row, held: null })
}
