import { takeOver } from '../config/reload.js'
import type { CommandInput } from './command.js'
import { describeFailure } from './command.js'

/** Levels of the log by `[DEFAULT] debug`. */
export const levelOf = (debug: boolean): string => (debug ? 'debug' : 'info')

/**
 * Reads the configuration again at every SIGHUP, as oslo.service's workers do: options that may change
 * while Ferric runs do, the others are named. One that is wrong changes nothing.
 * @returns what gives the signal back to Node
 */
export function reloadOnHangup({ loaded, reload, log }: CommandInput): () => void {
  const onHangup = (): void => {
    try {
      const fresh = reload()
      const { changed, needRestart } = takeOver(loaded.config, fresh.config)
      log.level = levelOf(loaded.config.DEFAULT.debug)
      log.info({ changed, needRestart, warnings: fresh.warnings }, 'read the configuration again')
    } catch (error) {
      log.error(
        { reason: describeFailure(error) },
        'the configuration is wrong; the one before stays in force',
      )
    }
  }
  process.on('SIGHUP', onHangup)
  return () => process.off('SIGHUP', onHangup)
}
