import type { Config } from '../config/index.js'
import { readLevels, type Levels } from '../log/levels.js'

/** How a process logs, from its configuration and from what standard error is. */
export interface ChosenLog {
  readonly level: string
  readonly levels: Levels
  readonly format: 'json' | 'text'
}

/**
 * @param onTerminal whether a person may read standard error
 */
export function logOptions(
  { DEFAULT, ferric }: Config,
  onTerminal: boolean = process.stderr.isTTY,
): ChosenLog {
  const auto = onTerminal && !DEFAULT.use_json ? 'text' : 'json'
  return {
    level: DEFAULT.debug ? 'debug' : 'info',
    levels: readLevels(DEFAULT.default_log_levels).levels,
    format: ferric.log_format === 'auto' ? auto : (ferric.log_format as 'json' | 'text'),
  }
}
