import { errorText } from '../../error-text.js'
import type { AppContext } from '../../context.js'
import { unsupported } from '../../drivers/support.js'
import type { NodeWork } from '../work/types.js'
import type { Caller } from '../work/caller.js'
import type { NodeTask } from '../node/task.js'
import { withNode } from '../node/with-node.js'

/**
 * Begins to change how a node's firmware boots. Accepted when this returns; what goes wrong
 * later is in `last_error`.
 * @param mode `bios` or `uefi`
 * @throws NodeLocked, Invalid
 */
export async function setBootMode(
  ctx: AppContext,
  caller: Caller,
  nodeUuid: string,
  mode: string,
): Promise<void> {
  const options = { purpose: 'changing node boot mode' }
  await withNode(ctx, caller, nodeUuid, options, async (task) => {
    await task.driver.management.validate(task)
    task.node.lastError = null
    await task.spawn('set_boot_mode', { mode })
  })
}

/**
 * Begins to switch a node's secure boot.
 * @throws NodeLocked, Invalid
 */
export async function setSecureBoot(
  ctx: AppContext,
  caller: Caller,
  nodeUuid: string,
  state: boolean,
): Promise<void> {
  const options = { purpose: 'changing node secure' }
  await withNode(ctx, caller, nodeUuid, options, async (task) => {
    await task.driver.management.validate(task)
    task.node.lastError = null
    await task.spawn('set_secure_boot', { state })
  })
}

export const bootModeWork: NodeWork = {
  lock: 'handed',
  method: 'node_change_boot_mode',
  async run(task, args) {
    const mode = String(args['mode'])
    const { management } = task.driver
    if ((await current(task, management.getBootMode?.bind(management))) === mode) return
    try {
      if (management.setBootMode === undefined) throw unsupported(task, 'set_boot_mode')
      await management.setBootMode(task, mode)
      task.node.bootMode = mode
    } catch (error) {
      task.signal.throwIfAborted()
      // The quote that is never closed is upstream's.
      task.node.lastError = `Failed to change boot mode to '${mode}: ${textOf(error)}`
    }
  },
}

export const secureBootWork: NodeWork = {
  lock: 'handed',
  method: 'node_change_secure_boot',
  async run(task, args) {
    const state = args['state'] === true
    const { management } = task.driver
    if ((await current(task, management.getSecureBootState?.bind(management))) === state) return
    try {
      if (management.setSecureBootState === undefined) {
        throw unsupported(task, 'set_secure_boot_state')
      }
      await management.setSecureBootState(task, state)
      task.node.secureBoot = state
    } catch (error) {
      task.signal.throwIfAborted()
      const target = state ? 'True' : 'False'
      task.node.lastError = `Failed to change secure_boot state to '${target}': ${textOf(error)}`
    }
  },
}

/** What is set now; a BMC that cannot say is no reason not to try. */
async function current<T>(
  task: NodeTask,
  read: ((task: NodeTask) => Promise<T | null>) | undefined,
): Promise<T | null> {
  if (read === undefined) return null
  try {
    return await read(task)
  } catch (error) {
    task.signal.throwIfAborted()
    task.ctx.log.conductor.warn(
      { error, node: task.node.uuid },
      'the present setting could not be read',
    )
    return null
  }
}

const textOf = (error: unknown): string => errorText(error)
