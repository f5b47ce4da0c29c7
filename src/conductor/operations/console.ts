import { errorText } from '../../error-text.js'
import type { AppContext } from '../../context.js'
import type { JsonObject } from '../../db/columns.js'
import type { NodeWork } from '../work/types.js'
import type { Caller } from '../work/caller.js'
import { withNode } from '../node/with-node.js'

/**
 * How to reach a node's console.
 * @returns null while the console is not enabled
 * @throws Invalid
 */
export async function getConsole(
  ctx: AppContext,
  caller: Caller,
  nodeUuid: string,
): Promise<JsonObject | null> {
  const options = { purpose: 'getting console information', shared: true }
  return await withNode(ctx, caller, nodeUuid, options, async (task) => {
    if (task.node.consoleEnabled !== true) return null
    await task.driver.console.validate(task)
    return await task.driver.console.getConsole(task)
  })
}

/**
 * Begins to switch a node's console; nothing happens when it is as wanted.
 * @throws NodeLocked, Invalid
 */
export async function setConsoleMode(
  ctx: AppContext,
  caller: Caller,
  nodeUuid: string,
  enabled: boolean,
): Promise<void> {
  const options = { purpose: 'setting console mode', shared: true }
  await withNode(ctx, caller, nodeUuid, options, async (task) => {
    await task.driver.console.validate(task)
    if (enabled === (task.node.consoleEnabled === true)) return
    await task.upgrade('setting console mode')
    task.node.lastError = null
    await task.spawn('set_console_mode', { enabled })
  })
}

export const consoleWork: NodeWork = {
  lock: 'handed',
  method: '_set_console_mode',
  async run(task, args) {
    const enabled = args['enabled'] === true
    const { console: iface } = task.driver
    try {
      await (enabled ? iface.startConsole(task) : iface.stopConsole(task))
    } catch (error) {
      task.signal.throwIfAborted()
      const action = enabled ? 'enabling' : 'disabling'
      const text = errorText(error)
      task.recordError(
        `Error ${action} the console on node ${task.node.uuid}. Reason: ${text}`,
        'console',
      )
      return
    }
    task.node.consoleEnabled = enabled
    task.node.lastError = null
  },
}
