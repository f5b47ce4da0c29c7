import type { AppContext } from '../../context.js'
import type { Caller } from '../work/caller.js'
import { NodeTask } from './task.js'
import { useNode, type WithNodeOptions } from './open.js'
import type { NodeIdent } from '../lock/reservation.js'

export type { WithNodeOptions } from './open.js'

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
  const { signal } = caller
  const make = (parts: ConstructorParameters<typeof NodeTask>[2]) =>
    new NodeTask(ctx, caller, parts)
  return await useNode({ ctx, signal, make }, ident, options, fn)
}
