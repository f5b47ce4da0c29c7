import { safeMessage } from '../error-text.js'
import type { LoadedConfig } from '../config/load.js'
import type { Loggers } from '../log/logger.js'
import type { BmcQuestion } from './bmc-words.js'
import type { PolicyQuestion } from './policy-question.js'

/** What a command may touch of the world. */
export interface Terminal {
  readonly out: (text: string) => void
  readonly err: (text: string) => void
}

export interface CommandInput {
  readonly loaded: LoadedConfig
  /** Reads the same sources again. @throws ConfigError */
  readonly reload: () => LoadedConfig
  readonly log: Loggers
  readonly terminal: Terminal
  /** Only with `policy`. */
  readonly question?: PolicyQuestion
  /** Only with `bmc`. */
  readonly bmc?: BmcQuestion
  /** Only with `backup` and `restore`. */
  readonly file?: string
}

/** Resolves to the exit code. */
export type Command = (input: CommandInput) => Promise<number>

/** The message and what caused it: what an operator can act on, without a stack. */
export function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const cause = error.cause === undefined ? '' : `: ${describeFailure(error.cause)}`
  const message = safeMessage(error)
  return message.includes(cause.slice(2)) ? message : `${message}${cause}`
}
