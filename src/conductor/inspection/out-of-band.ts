import { HardwareInspectionFailure } from '../../drivers/errors.js'
import type { FoundHardware } from '../../drivers/interfaces.js'
import type { NodeTask } from '../node/task.js'
import { hooksOf, runHooks } from './hooks/run.js'
import { storeInventory } from './inventory.js'
import { applyRules } from './rules/engine.js'

/**
 * Works on what a BMC told of its machine: hooks, the stored inventory, rules.
 * @throws HardwareInspectionFailure when the node still lacks what it must have
 */
export async function processFound(task: NodeTask, found: FoundHardware): Promise<'manageable'> {
  const inventory = { ...found.inventory }
  const pluginData = { ...found.pluginData }
  await runHooks({ task, inventory, pluginData }, hooksOf(found.hooks))
  await storeInventory(task.ctx, task.node.id, inventory, pluginData)
  await applyRules(task, inventory, pluginData)
  const missing = found.required.filter((name) => task.node.properties?.[name] === undefined)
  if (missing.length === 0) return 'manageable'
  throw new HardwareInspectionFailure(
    `Failed to discover the following properties: ${missing.join(', ')} on node ${task.node.uuid}`,
  )
}
