import { createLoggers, type Loggers } from '../../src/log/logger.js'

/** A line of the log, parsed. */
export type LogLine = Readonly<Record<string, unknown>> & {
  readonly level: number
  readonly name: string
  readonly msg: string
}

export interface CapturedLog {
  readonly log: Loggers
  readonly lines: LogLine[]
  /** Everything as it would have been written. */
  readonly text: () => string
}

/** Loggers whose lines a test reads. */
export function capturedLog(level = 'debug'): CapturedLog {
  const written: string[] = []
  const lines: LogLine[] = []
  const write = (line: string) => {
    written.push(line)
    lines.push(JSON.parse(line) as LogLine)
  }
  return { log: createLoggers({ level, to: { write } }), lines, text: () => written.join('') }
}
