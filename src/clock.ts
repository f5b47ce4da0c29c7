import { setTimeout as delay } from 'node:timers/promises'

/** Where time comes from. Tests put their own in. */
export interface Clock {
  now(): Date
  /** Resolves after `ms` milliseconds; rejects with the signal's reason when aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

export const systemClock: Clock = {
  now: () => new Date(),
  sleep: (ms, signal) => delay(ms, undefined, signal ? { signal } : {}),
}

/** Upstream's form of times in JSON: UTC, microseconds, no zone. */
export const isoWithoutZone = (at: Date): string => at.toISOString().replace(/(\.\d{3})Z$/, '$1000')
