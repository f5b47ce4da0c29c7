/** The loggers of the tests: every line is written, searched for secrets, and dropped. */
import { createLoggers, type Loggers } from '../../src/log/logger.js'
import { leaksIn } from './leaks.js'

/** Loggers at level debug. A secret in a line fails the run, whatever code catches errors meanwhile. */
export function scannedLog(): Loggers {
  const write = (line: string) => {
    const [leak] = leaksIn(line)
    if (leak === undefined) return
    queueMicrotask(() => {
      throw new Error(`a secret is in the log: ${leak}`)
    })
  }
  return createLoggers({ level: 'debug', to: { write } })
}
