/** Who asked for the work, and how long they are willing to wait. Stored with tasks. */
export interface Caller {
  readonly requestId: string
  readonly userId: string | null
  readonly projectId: string | null
  /** Aborted when the client has gone or the work's deadline has passed. */
  readonly signal: AbortSignal
}

/** The caller of periodic work and recovery: no user, no request. */
export function systemCaller(signal: AbortSignal): Caller {
  return { requestId: '', userId: null, projectId: null, signal }
}
