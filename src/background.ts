import type { Logger } from './log/logger.js'

/**
 * Runs work that no caller awaits. A failure is logged at error level with its stack and does not
 * end the process. Lint refuses every other promise that is neither awaited nor caught.
 * @param task what the work does, for the log line
 */
export function background(log: Logger, task: string, work: Promise<unknown>): void {
  work.catch((error: unknown) => {
    log.error({ error, work: task }, 'background work failed')
  })
}
