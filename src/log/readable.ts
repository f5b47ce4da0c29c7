import type { DestinationStream } from 'pino'

/** Lines for people: time, level, subsystem, text, the other fields, and errors with their causes below. */

interface Line {
  readonly level: number
  readonly time: string
  readonly name?: string
  readonly msg?: string
  readonly error?: ShownError
  readonly [field: string]: unknown
}

interface ShownError {
  readonly type?: string
  readonly message?: string
  readonly stack?: string
  readonly cause?: ShownError
  readonly errors?: readonly ShownError[]
}

const levelWords: Readonly<Record<number, string>> = {
  10: 'TRACE',
  20: 'DEBUG',
  30: 'INFO',
  40: 'WARN',
  50: 'ERROR',
  60: 'FATAL',
}

/**
 * A destination that takes pino's JSON lines and writes them for people. It writes at once, so that
 * the last line before the process ends is on the screen.
 * @param to where the text goes; standard error unless set
 */
export function readableLines(to: DestinationStream = standardError): DestinationStream {
  return { write: (json) => to.write(readable(json)) }
}

const standardError: DestinationStream = {
  write: (text) => {
    process.stderr.write(text)
  },
}

function readable(json: string): string {
  const { level, time, name = '', msg = '', error, ...fields } = JSON.parse(json) as Line
  const head = `${time.slice(11, 23)} ${(levelWords[level] ?? String(level)).padEnd(5)}`
  const rest = Object.entries(fields).map(([key, value]) => ` ${key}=${shown(value)}`)
  const line = printable(`${head} ${name.padEnd(10)} ${msg}${rest.join('')}`)
  return `${line}\n${error === undefined ? '' : shownError(error, '    ')}`
}

const shown = (value: unknown): string =>
  typeof value === 'string' && /^[\w.:/@+-]+$/.test(value) ? value : JSON.stringify(value)

/** Texts of BMCs and ramdisks must not move the cursor or change the colours of a terminal. */
const printable = (text: string): string =>
  // oxlint-disable-next-line no-control-regex -- control characters are what is replaced
  text.replace(/[\u0000-\u001f\u007f-\u009f]/g, ' ')

function shownError(error: ShownError, indent: string, label = ''): string {
  const head = `${label}${error.type ?? 'Error'}: ${error.message ?? ''}`
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line))
  const own = [head, ...frames].map((line) => `${indent}${printable(line)}\n`).join('')
  const members = (error.errors ?? []).map((one) => shownError(one, `${indent}  `, 'one of '))
  const cause = error.cause === undefined ? '' : shownError(error.cause, indent, 'caused by ')
  return own + members.join('') + cause
}
