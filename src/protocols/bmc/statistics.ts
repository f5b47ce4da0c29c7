/** What happened on one BMC since the process started. Times in milliseconds. */
export interface BmcStatistics {
  readonly calls: number
  readonly failures: number
  /** Failures since the last success. */
  readonly consecutiveFailures: number
  /** Polls that shared another's work. */
  readonly coalesced: number
  /** Polls refused because the BMC backs off. */
  readonly refused: number
  readonly queued: number
  readonly running: boolean
  readonly totalWait: number
  readonly totalLatency: number
  readonly maxLatency: number
  /** Moving average of the latency, the last call counting a quarter. */
  readonly latency: number
}

/** The counters of one BMC. */
export class Counters {
  calls = 0
  failures = 0
  consecutiveFailures = 0
  coalesced = 0
  refused = 0
  totalWait = 0
  totalLatency = 0
  maxLatency = 0
  latency = 0

  /** One piece of work ended. */
  ended(wait: number, latency: number, failed: boolean): void {
    this.latency = this.calls === 0 ? latency : this.latency * 0.75 + latency * 0.25
    this.calls += 1
    this.totalWait += wait
    this.totalLatency += latency
    this.maxLatency = Math.max(this.maxLatency, latency)
    this.failures += failed ? 1 : 0
    this.consecutiveFailures = failed ? this.consecutiveFailures + 1 : 0
  }

  snapshot(queued: number, running: boolean): BmcStatistics {
    const { calls, failures, consecutiveFailures, coalesced, refused } = this
    const { totalWait, totalLatency, maxLatency, latency } = this
    const counts = { calls, failures, consecutiveFailures, coalesced, refused, queued, running }
    return { ...counts, totalWait, totalLatency, maxLatency, latency }
  }
}
