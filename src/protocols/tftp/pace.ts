/** Decides when to send again: after some round trips, and twice as long after each silence. */
export interface Pace {
  /** A window with new blocks was sent. Its answer gives the round trip. */
  sentNew(now: number): void
  /** Any packet was sent. */
  sent(now: number): void
  answered(now: number): void
  isDue(now: number): boolean
  /** Doubles the wait. Returns false when the client has been silent for too long. */
  backOff(): boolean
}

const firstMs = 1000
const leastMs = 100
const mostMs = 8000
/** From the shortest wait on, these are 20 seconds of silence. */
const mostTries = 8
/** A client may request waits of 255 seconds, but it may not hold a place in the table for long. */
const longestFixedMs = 60_000

/** @param fixedMs the time-out that the client requests: the wait is then constant */
export function createPace(fixedMs: number | null): Pace {
  let round: number | null = null
  let [failed, sentAt] = [0, 0]
  let measured: number | null = null
  const tries =
    fixedMs === null ? mostTries : Math.max(1, Math.min(mostTries, longestFixedMs / fixedMs))
  // Silence doubles the wait until an answer comes. A client's own time-out stays.
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
      // Only a window that was sent once gives a round trip (Karn's algorithm, RFC 6298 3).
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
