/** The logger of the tests: everything Ferric says is written out, read for secrets, and forgotten. */
import { createLogger, type Logger } from '../../src/logger.js'
import { leaksIn } from './leaks.js'

/** A logger at level debug. A secret in a line fails the run, whoever catches errors meanwhile. */
export function scannedLog(): Logger {
  const write = (line: string) => {
    const [leak] = leaksIn(line)
    if (leak === undefined) return
    queueMicrotask(() => {
      throw new Error(`a secret came into the log: ${leak}`)
    })
  }
  return createLogger('debug', { write })
}
