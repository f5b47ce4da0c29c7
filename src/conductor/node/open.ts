import type { AppContext } from '../../context.js'
import type { LockPriority } from '../lock/queue.js'
import type { NodeTask, NodeTaskParts } from './task.js'
import { ReservationLost } from './writes.js'
import { acquire, readNode, type NodeIdent } from '../lock/reservation.js'
import { ringOf } from '../cluster/ring.js'
import { settle } from '../work/settle.js'

export interface WithNodeOptions {
  /** Why, for operators: shown with the lock. */
  readonly purpose: string
  /** Only read: no lock is taken. */
  readonly shared?: boolean
  /** False: one attempt at the lock. */
  readonly retry?: boolean
  /** Waits for the lock for ever. */
  readonly patient?: boolean
  /** Who comes first where several wait for the lock. */
  readonly priority?: LockPriority
  /** False: the node's driver need not exist. */
  readonly loadDriver?: boolean
}

/** What makes the task, so that tasks can open other nodes without a cycle of imports. */
export interface Opener {
  readonly ctx: AppContext
  readonly signal: AbortSignal
  make(parts: NodeTaskParts): NodeTask
}

/**
 * Runs `fn` on a node, reserved for as long as it runs unless `shared`: see `withNode`.
 * @throws ObjectNotFound, NodeLocked, NoValidHost, Unavailable, DriverNotFound
 */
export async function useNode<T>(
  opener: Opener,
  ident: NodeIdent,
  options: WithNodeOptions,
  fn: (task: NodeTask) => Promise<T>,
): Promise<T> {
  const { ctx, signal } = opener
  const task = options.shared
    ? await openShared(opener, ident)
    : opener.make(await acquire(ctx, ident, { ...options, signal }))
  try {
    if (options.loadDriver !== false) task.loadDriver()
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

async function openShared(opener: Opener, ident: NodeIdent): Promise<NodeTask> {
  const row = await readNode(opener.ctx, ident)
  await ringOf(opener.ctx).hostFor(row)
  return opener.make({ row, held: null })
}
