import { pino, type DestinationStream, type Logger as PinoLogger } from 'pino'
import { errorFields } from './error-fields.js'
import { workIds } from './ids.js'
import type { Levels } from './levels.js'
import { lineFields, lineText, type Fields } from './line.js'
import { readableLines } from './readable.js'
import { subsystems, type Subsystem } from './subsystems.js'

/** The logger of one subsystem. */
export type Logger = PinoLogger

/** The loggers of a process, by subsystem. */
export type Loggers = Readonly<Record<Subsystem, Logger>>

export interface LogOptions {
  /** pino's name of a level; `silent` writes nothing. */
  readonly level?: string
  /** Levels of single subsystems. */
  readonly levels?: Levels
  /** `text` is for people, `json` one object a line. */
  readonly format?: 'json' | 'text'
  /** Where lines go; standard error unless set. */
  readonly to?: DestinationStream
}

/**
 * The loggers of a process. Each line is bounded and has no secrets (line.ts), and carries the ids of
 * the work it was logged in (ids.ts).
 */
export function createLoggers(options: LogOptions = {}): Loggers {
  const { level = 'info', levels = {}, format = 'json' } = options
  const root = pino(
    {
      level: 'trace',
      base: null,
      errorKey: 'error',
      timestamp: pino.stdTimeFunctions.isoTime,
      mixin: () => ({ ...workIds() }),
      // pino's own serializer would make another object of what logMethod has made.
      serializers: { error: (fields: unknown) => fields },
      hooks: { logMethod },
    },
    destination(format, options.to),
  )
  const child = (name: Subsystem) => root.child({ name }, { level: levels[name] ?? level })
  return Object.fromEntries(subsystems.map((name) => [name, child(name)])) as unknown as Loggers
}

/** Sets the levels of loggers that exist, as after SIGHUP. */
export function setLevels(loggers: Loggers, level: string, levels: Levels): void {
  for (const name of subsystems) loggers[name].level = levels[name] ?? level
}

function destination(format: 'json' | 'text', to?: DestinationStream): DestinationStream {
  if (format === 'text') return readableLines(to)
  return to ?? pino.destination({ dest: 2, sync: false })
}

type Write = (fields: Fields, text: string) => void

/** The one place that every line passes: `log.x(fields, text)`, `log.x(error)` or `log.x(text)`. */
function logMethod(this: Logger, args: readonly unknown[], write: unknown): void {
  const [first, second] = args
  const fields = first instanceof Error ? { error: first } : first
  const message = typeof first === 'string' ? first : second
  const text = lineText(typeof message === 'string' ? message : '')
  const safe = typeof fields === 'object' && fields !== null ? (fields as Fields) : {}
  ;(write as Write).call(this, lineFields(withError(safe), text), text)
}

/** What is thrown need not be an error; under this key it is serialised like one. */
function withError(fields: Fields): Fields {
  return fields['error'] instanceof Error || !Object.hasOwn(fields, 'error')
    ? fields
    : { ...fields, error: errorFields(fields['error']) }
}
