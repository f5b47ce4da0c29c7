import { connect } from 'node:net'
import { errorText } from '../../../error-text.js'
import { infoOf, setInfo } from '../../internal-info.js'
import { RunningDeployFailure } from '../../errors.js'
import type { Task } from '../../interfaces.js'
import { targetOf } from './callback.js'

const port = 10_000
const longestMs = 10_000
/** It begins to listen a moment after it called. */
const pauseMs = 3_000
const attempts = 5

/**
 * Tells the ramdisk, which waits for a connection, to go on (docs/reference/agent-protocol.md, C.5).
 * @param what which of the two times this is
 * @throws RunningDeployFailure
 */
export async function notifyRamdisk(task: Task, what: 'written' | 'finished'): Promise<void> {
  const { address } = targetOf(task)
  // After a crash nobody knows whether it was told; then it listens no more.
  const again = infoOf(task.node)['iscsi_notified'] === what
  setInfo(task.node, { iscsi_notified: what })
  await task.save()
  for (let left = attempts; ; left--) {
    await task.ctx.clock.sleep(pauseMs, task.signal)
    try {
      return await sendDone(address, task.signal)
    } catch (error) {
      task.signal.throwIfAborted()
      const refused = (error as NodeJS.ErrnoException).code === 'ECONNREFUSED'
      if (refused && again) return
      if (!refused || left <= 1) throw failure(error)
    }
  }
}

const failure = (error: unknown) =>
  new RunningDeployFailure(
    `Failed to notify ramdisk to reboot after bootloader installation. Error: ${errorText(error)}`,
    error,
    false,
  )

function sendDone(host: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port: port, timeout: longestMs, signal })
    socket.once('error', reject)
    socket.once('timeout', () => socket.destroy(new Error(`${host}:${port} does not answer`)))
    socket.once('connect', () => socket.end('done'))
    socket.once('close', (failed) => (failed ? undefined : resolve()))
    socket.resume()
  })
}
