/** `verb`: a client's change in progress. `request`: somebody waits for an answer. `poll`: nobody does. */
export const priorities = ['verb', 'request', 'poll'] as const
export type Priority = (typeof priorities)[number]

export interface WorkOptions {
  readonly priority: Priority
  /** Cancels: at once while queued, through the work's own signal while it runs. */
  readonly signal?: AbortSignal
  /** Milliseconds since the epoch by the scheduler's clock; then the caller gets `BmcDeadline`. */
  readonly deadline?: number
  /** Milliseconds between the end of the work before and the start of this one. */
  readonly minInterval?: number
  /** The conversation with the BMC that the work is part of, where one is kept: its session's client. */
  readonly session?: object
  /**
   * The end of a session: it says nothing about the BMC, and follows the session's own last work
   * without a rest, as it does when a program closes what it opened. It rests after anybody else's.
   */
  readonly upkeep?: boolean
  /** Polls of one BMC with the same name share one piece of work, queued or running. */
  readonly coalesce?: string
  /** Whether an error means the BMC is slow or gone (backs off) or it answered. Default: gone. */
  readonly isUnreachable?: (error: unknown) => boolean
}

/** What to do on the BMC. It must end soon after its signal is aborted. */
export type Work<T> = (signal: AbortSignal) => Promise<T>

/** The deadline passed before the BMC was done. */
export class BmcDeadline extends Error {
  override readonly name = 'BmcDeadline'
  /** Whether the work had begun, so that it may have had an effect. */
  readonly started: boolean
  constructor(key: string, started: boolean) {
    super(
      started
        ? `${key} was not done in time`
        : `${key} was busy with other work until the time for this one was over`,
    )
    this.started = started
  }
}

/** A poll of a BMC that failed shortly before: it was not asked again. */
export class BmcBackingOff extends Error {
  override readonly name = 'BmcBackingOff'
  readonly retryAfterMs: number
  constructor(key: string, failures: number, retryAfterMs: number, cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause)
    super(
      `${key} failed ${failures} times in a row and is not asked again for ${Math.ceil(retryAfterMs / 1000)} s; the last failure: ${why}`,
      { cause },
    )
    this.retryAfterMs = retryAfterMs
  }
}
