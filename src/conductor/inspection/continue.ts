/** Working on what a ramdisk found (docs/reference/conductor.md 13.3). */
import type { AppContext } from '../../context.js'
import { NotFound, UnsupportedDriverExtension } from '../../errors.js'
import type { NodeWork } from '../work/types.js'
import type { Caller } from '../work/caller.js'
import { failInspection, finishInspection } from '../flows/inspect.js'
import { setInfo } from '../node/internal-info.js'
import type { NodeTask } from '../node/task.js'
import { withNode } from '../node/with-node.js'
import { storeRamdiskLogs } from '../../drivers/agent/logs.js'
import { tearDownInspection } from '../../drivers/inspect/managed-boot.js'
import { runHooks } from './hooks/run.js'
import { storeInventory } from './inventory.js'
import type { Plain } from './plain.js'
import { applyRules } from './rules/engine.js'

/**
 * Takes inspection data in; they are worked on in the background.
 * @throws NotFound 404 when the node does not wait for them; NodeLocked 409; NoValidHost
 */
export async function continueInspection(
  ctx: AppContext,
  caller: Caller,
  nodeId: number,
  data: { readonly inventory: Plain; readonly pluginData: Plain },
): Promise<void> {
  await withNode(ctx, caller, nodeId, { purpose: 'continue inspection' }, async (task) => {
    const { provisionState: state } = task.node
    const discovered = state === 'enroll' && ctx.config.auto_discovery.enabled
    if (state !== 'inspect wait' && !discovered) throw new NotFound()
    if (state === 'inspect wait') task.transition('resume')
    await task.spawn('continue-inspection', {
      inventory: data.inventory,
      plugin_data: data.pluginData,
    })
  })
}

/** The background half. Begun again after a crash, it starts from the data as they came. */
export const continueInspectionWork: NodeWork = {
  lock: 'handed',
  method: 'continue_inspection',
  run: (task, args) =>
    process(task, args['inventory'] as Plain, (args['plugin_data'] ?? {}) as Plain),
  giveUp: (task, reason) => failInspection(task, new Error(reason)),
}

async function process(task: NodeTask, inventory: Plain, pluginData: Plain): Promise<void> {
  const now = `${task.ctx.clock.now().toISOString().slice(0, -1)}000`
  setInfo(task.node, { agent_last_heartbeat: now })
  try {
    if ((await inspect(task, inventory, pluginData)) === 'inspect wait') {
      if (task.node.provisionState === 'inspecting') task.transition('wait')
      return
    }
    await applyRules(task, inventory, pluginData)
    // They can be huge, and are kept elsewhere.
    delete pluginData['logs']
    await storeInventory(task.ctx, task.node.id, inventory, pluginData)
  } catch (error) {
    if (task.signal.aborted || error instanceof UnsupportedDriverExtension) throw error
    return await failInspection(task, error)
  }
  finishInspection(task)
}

/** What the inspect interface does with the data. */
async function inspect(task: NodeTask, inventory: Plain, pluginData: Plain): Promise<string> {
  const { inspect: driver } = task.driver
  if (driver.usesHooks === true) {
    try {
      await runHooks({ task, inventory, pluginData })
    } catch (error) {
      await storeLogs(task, pluginData)
      throw error
    }
    await tidyUp(task, pluginData)
    return 'manageable'
  }
  if (driver.continueInspection === undefined) {
    throw new UnsupportedDriverExtension(task.node.driver ?? '', 'continue_inspection')
  }
  return await driver.continueInspection(task, inventory, pluginData)
}

/** Keeps the logs that came along, where the operator wants them, and takes the ramdisk away. */
async function tidyUp(task: NodeTask, pluginData: Plain): Promise<void> {
  if (task.ctx.config.agent.deploy_logs_collect === 'always') await storeLogs(task, pluginData)
  const errors = await tearDownInspection(task, { alwaysOff: true })
  if (errors.length > 0) throw new Error(`Inspection clean up failed: ${errors.join(', ')}`)
}

async function storeLogs(task: NodeTask, pluginData: Plain): Promise<void> {
  const { logs } = pluginData
  if (typeof logs !== 'string' || logs === '') return
  try {
    await storeRamdiskLogs(task, logs, 'inspect')
  } catch (error) {
    task.ctx.log.inspection.error(
      { error, node: task.node.uuid },
      'the logs of the ramdisk were not stored',
    )
  }
}
