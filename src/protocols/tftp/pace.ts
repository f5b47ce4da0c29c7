/** When to send again: follows the round trip, doubles while there is no answer. */
export interface Pace {
  /** A window with new blocks went out; its answer tells the round trip. */
  sentNew(now: number): void
  /** Anything went out. */
  sent(now: number): void
  answered(now: number): void
  isDue(now: number): boolean
  /** Waits twice as long; false when that was tried often enough. */
  backOff(): boolean
}

const firstMs = 1000
const leastMs = 100
const mostMs = 8000
/** Doubling from the shortest wait, these are 20 seconds of silence. */
const mostTries = 8
/** A client may ask for waits of 255 seconds, but not for a place in the table for long. */
const longestFixedMs = 60_000

/** @param fixedMs the time-out the client asked for: then nothing is measured and nothing doubles */
export function createPace(fixedMs: number | null): Pace {
  let round: number | null = null
  let [failed, sentAt] = [0, 0]
  let measured: number | null = null
  const tries =
    fixedMs === null ? mostTries : Math.max(1, Math.min(mostTries, longestFixedMs / fixedMs))
  // Silence doubles the wait until an answer comes; a client's own time-out stays.
  const wait = () => {
    if (fixedMs !== null) return fixedMs
    const base = round === null ? firstMs : Math.max(leastMs, round * 4)
    return Math.min(base * 2 ** failed, mostMs)
  }
  return {
    sentNew(now) {
      measured = now
    },
    sent(now) {
      sentAt = now
    },
    answered(now) {
      // Only a window that was sent once tells a round trip (Karn, RFC 6298 3).
      if (measured !== null && failed === 0) {
        const took = now - measured
        round = round === null ? took : round * 0.875 + took * 0.125
      }
      measured = null
      failed = 0
    },
    isDue: (now) => now - sentAt >= wait(),
    backOff() {
      failed += 1
      return failed <= tries
    },
  }
}
