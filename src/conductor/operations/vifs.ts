import { errorText } from '../../error-text.js'
import type { AppContext } from '../../context.js'
import type { JsonObject } from '../../db/columns.js'
import type { Caller } from '../work/caller.js'
import type { NodeTask } from '../node/task.js'
import { withNode } from '../node/with-node.js'

/**
 * The VIFs attached to a node.
 * @throws Invalid
 */
export async function listVifs(
  ctx: AppContext,
  caller: Caller,
  nodeUuid: string,
): Promise<{ id: string }[]> {
  const options = { purpose: 'list vifs', shared: true }
  return await withNode(ctx, caller, nodeUuid, options, async (task) => {
    await task.driver.network.validate(task)
    return await task.driver.network.vifList(task)
  })
}

/**
 * Attaches a VIF to a free port or port group of a node.
 * @param vif `id`, and what else the client said
 * @throws NodeLocked, Invalid, Conflict
 */
export async function attachVif(
  ctx: AppContext,
  caller: Caller,
  nodeUuid: string,
  vif: JsonObject & { id: string },
): Promise<void> {
  await withNode(ctx, caller, nodeUuid, { purpose: 'attach vif' }, async (task) => {
    const { network } = task.driver
    await network.validate(task)
    await recorded(task, `Failed to attach VIF ${vif.id} to node ${task.node.uuid}. Error: `, () =>
      network.vifAttach(task, vif),
    )
  })
}

/**
 * Detaches a VIF from a node.
 * @throws NodeLocked, Invalid
 */
export async function detachVif(
  ctx: AppContext,
  caller: Caller,
  nodeUuid: string,
  vifId: string,
): Promise<void> {
  await withNode(ctx, caller, nodeUuid, { purpose: 'detach vif' }, async (task) => {
    const { network } = task.driver
    await network.validate(task)
    await recorded(task, `Failed to detach VIF ${vifId} from node ${task.node.uuid}, Error: `, () =>
      network.vifDetach(task, vifId),
    )
  })
}

/** A failure goes into the node's history; `last_error` stays as it is, as upstream's does. */
async function recorded(task: NodeTask, prefix: string, work: () => Promise<void>): Promise<void> {
  try {
    await work()
    await task.save()
  } catch (error) {
    task.discard()
    const text = errorText(error)
    task.history({
      event: `${prefix}${text}`,
      eventType: task.node.provisionState,
      severity: 'ERROR',
    })
    await task.save()
    throw error
  }
}
