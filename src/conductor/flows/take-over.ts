import { errorText } from '../../error-text.js'
import { restoreDeployInterface } from '../../drivers/deploy/switch.js'
import { startConsole } from '../node/console.js'
import type { NodeTask } from '../node/task.js'
import { conductorId } from '../cluster/registration.js'
import { noteImageType } from '../verbs/image-type.js'

/** Makes this conductor responsible for a node with an instance (docs/reference/conductor.md 14.5). */
export async function takeOver(task: NodeTask): Promise<void> {
  const { node } = task
  await task.driver.deploy.switchInterface?.(task)
  await task.driver.deploy.prepare(task)
  await task.driver.deploy.takeOver(task)
  if (node.consoleEnabled) {
    const error = await startConsole(task)
    if (error !== null) {
      const text = `Failed to start console while taking over the node ${node.uuid}: ${error}.`
      task.recordError(text, 'takeover')
      node.consoleEnabled = false
    }
  }
  node.conductorAffinity = await conductorId(task.ctx)
}

/** Adopts a machine that runs already (docs/reference/conductor.md 9.3). */
export async function runAdoption(task: NodeTask): Promise<void> {
  const { node } = task
  try {
    // Drivers need the type of the image before they take the node over.
    noteImageType(node)
    await takeOver(task)
    task.transition('done')
  } catch (error) {
    if (task.signal.aborted) throw error
    await restoreDeployInterface(task)
    node.powerState = null
    const text = `Error while attempting to adopt node ${node.uuid}: ${errorText(error)}.`
    task.fail(text, { eventType: 'adoption' })
  }
}
