/** On whose behalf work is done; kept with tasks and history rows. */
export interface Caller {
  readonly requestId: string
  readonly userId: string | null
  readonly projectId: string | null
  readonly signal: AbortSignal
}
