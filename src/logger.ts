import { pino, type DestinationStream, type Logger as PinoLogger } from 'pino'

export type Logger = PinoLogger

/** Keys whose values never reach a log line, at any of the depths our objects have. */
const secretKeys = [
  'password',
  'agent_token',
  'agent_secret_token',
  'auth_token',
  'configdrive',
  'rescue_password',
]

/**
 * The process logger: JSON lines on standard error.
 * @param level pino level name; `silent` for none
 * @param to where the lines go instead
 */
export function createLogger(
  level = 'info',
  to: DestinationStream = pino.destination({ dest: 2, sync: false }),
): Logger {
  return pino(
    {
      level,
      base: null,
      errorKey: 'error',
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths: secretKeys.flatMap((k) => [k, `*.${k}`, `*.*.${k}`]), censor: '******' },
    },
    to,
  )
}
