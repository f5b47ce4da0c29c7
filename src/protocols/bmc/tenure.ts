/**
 * Who may speak to a BMC where several processes do. A lane takes it before its first piece of
 * work, keeps it while it works, and lets it go when another process asks and no work is running.
 */
export interface Tenure {
  /** Whether this process may speak, and for a while: then nobody need be asked. */
  readonly held: boolean
  /** Whether this process may still speak: it has not been held up until after its time. */
  readonly lasts: boolean
  /**
   * Waits until this process may speak.
   * @returns milliseconds since another process can have sent its last command; null: none did
   * @throws the signal's reason, or that it cannot be told who may speak
   */
  take(signal: AbortSignal): Promise<number | null>
  /**
   * Keeps it for as long as work runs.
   * @param lost called when that failed: the work must end
   * @returns ends the keeping
   */
  keep(lost: (reason: Error) => void): () => void
  /** Lets another process in, if one has asked. Never throws: what is not kept runs out. */
  leave(): Promise<void>
}

/** The lane, to its tenure. */
export interface Tenant {
  /** It has work: it will call `leave` after the piece that runs. */
  readonly busy: boolean
  /** Milliseconds since the end of its last work; null when it has done none. */
  readonly rested: number | null
}

export type Tenures = (key: string, tenant: Tenant) => Tenure
