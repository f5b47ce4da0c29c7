import { takeOver } from '../config/reload.js'
import { setLevels } from '../log/logger.js'
import type { CommandInput } from './command.js'
import { logOptions } from './log-options.js'

/**
 * Reads the configuration again at every SIGHUP, as oslo.service's workers do: options that may change
 * while Ferric runs take effect, and the log names the others. A wrong configuration changes nothing.
 * @returns a function that gives the signal back to Node
 */
export function reloadOnHangup({ loaded, reload, log }: CommandInput): () => void {
  const onHangup = (): void => {
    try {
      const fresh = reload()
      const { changed, needRestart } = takeOver(loaded.config, fresh.config)
      const { level, levels } = logOptions(loaded.config)
      setLevels(log, level, levels)
      log.process.info(
        { changed, needRestart, warnings: fresh.warnings },
        'read the configuration again',
      )
    } catch (error) {
      log.process.error({ error }, 'the configuration is wrong; the previous one stays in force')
    }
  }
  process.on('SIGHUP', onHangup)
  return () => process.off('SIGHUP', onHangup)
}
