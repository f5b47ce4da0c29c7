import { errorText } from '../../error-text.js'
import { IronicError, UnsupportedDriverExtension } from '../../errors.js'
import { wipeTokenAndUrl } from '../node/internal-info.js'
import { processFound } from '../inspection/out-of-band.js'
import type { NodeTask } from '../node/task.js'
import { errorClass } from '../node/text.js'

/** Inspection (docs/reference/conductor.md 13). */

/** Begins inspection. It wipes what an earlier ramdisk left, so it may begin twice. */
export async function runInspect(task: NodeTask): Promise<void> {
  wipeTokenAndUrl(task.node)
  let state: string
  try {
    const found = await task.driver.inspect.inspectHardware(task)
    state = typeof found === 'string' ? found : await processFound(task, found)
  } catch (error) {
    if (task.signal.aborted) throw error
    const text =
      error instanceof IronicError
        ? error.message
        : `Unexpected exception of type ${errorClass(error)}: ${errorText(error)}`
    await inspectionFailed(task, text)
    return task.transition('fail')
  }
  if (state === 'manageable') task.transition('done')
  else if (state === 'inspect wait') task.transition('wait')
  else {
    await inspectionFailed(task, `During inspection, driver returned unexpected state ${state}`)
    task.transition('fail')
  }
}

/** The inspection error handler (docs/reference/conductor.md 13.4): cleans up and records; no state change. */
export async function inspectionFailed(task: NodeTask, message: string): Promise<void> {
  task.recordError(message, 'introspection')
  await abortOrCleanUp(task)
  try {
    await task.driver.network.removeNetwork(task, 'inspection')
  } catch (error) {
    task.ctx.log.inspection.error({ error, node: task.node.uuid }, 'the inspection network stays')
  }
  wipeTokenAndUrl(task.node)
  // Switching the machine off forgets it.
  task.node.lastError = message
}

async function abortOrCleanUp(task: NodeTask): Promise<void> {
  const { inspect, boot } = task.driver
  try {
    if (inspect.abort !== undefined) return await inspect.abort(task)
  } catch (error) {
    if (!(error instanceof UnsupportedDriverExtension)) {
      return task.ctx.log.inspection.error(
        { error, node: task.node.uuid },
        'inspection could not be aborted',
      )
    }
  }
  try {
    await boot.cleanUpRamdisk(task)
  } catch (error) {
    task.ctx.log.inspection.error(
      { error, node: task.node.uuid },
      'the inspection ramdisk was not cleaned up',
    )
  }
}

/**
 * Ends an inspection by request, at once.
 * @throws UnsupportedDriverExtension, and what the driver throws
 */
export async function abortInspection(task: NodeTask): Promise<void> {
  const { inspect } = task.driver
  if (inspect.abort === undefined) {
    throw new UnsupportedDriverExtension(task.node.driver ?? '', 'abort')
  }
  try {
    await inspect.abort(task)
  } catch (error) {
    if (!(error instanceof UnsupportedDriverExtension)) {
      task.recordError(`Failed to abort inspection: ${errorText(error)}`, 'introspection')
      await task.save()
    }
    throw error
  }
  task.recordError('Inspection was aborted by request.', 'introspection')
  wipeTokenAndUrl(task.node)
  task.transition('abort')
  await task.save()
}

/** The ramdisk's data are stored: the node is manageable again (not one just discovered). */
export function finishInspection(task: NodeTask): void {
  if (task.node.provisionState !== 'enroll') task.transition('done')
}

/** The ramdisk's data were no good. */
export async function failInspection(task: NodeTask, error: unknown): Promise<void> {
  await inspectionFailed(task, `Failed to finish inspection: ${errorText(error)}`)
  if (task.node.provisionState !== 'enroll') task.transition('fail')
}
