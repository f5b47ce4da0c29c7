import type { AppContext } from '../../context.js'
import type { JsonObject } from '../../db/columns.js'
import type { Caller } from '../work/caller.js'
import { withNode } from '../node/with-node.js'

/**
 * Stores the RAID configuration a node shall have; cleaning or deploying builds it. An empty one
 * is not checked: it unsets the target.
 * @throws NodeLocked, Invalid. UnsupportedDriverExtension is a 404 on this endpoint.
 */
export async function setTargetRaidConfig(
  ctx: AppContext,
  caller: Caller,
  nodeUuid: string,
  config: JsonObject,
): Promise<void> {
  const options = { purpose: 'setting target RAID config' }
  await withNode(ctx, caller, nodeUuid, options, async (task) => {
    if (Object.keys(config).length > 0) await task.driver.raid.validateRaidConfig(task, config)
    task.node.targetRaidConfig = config
    await task.save()
  })
}
