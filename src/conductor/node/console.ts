import { errorText } from '../../error-text.js'
import type { NodeTask } from './task.js'

/** Starts a node's console again. @returns what went wrong, or null */
export async function startConsole(task: NodeTask): Promise<string | null> {
  try {
    await task.driver.console.startConsole(task)
    return null
  } catch (error) {
    task.ctx.log.conductor.error(
      { error, node: task.node.uuid },
      'the console could not be started',
    )
    return errorText(error)
  }
}
