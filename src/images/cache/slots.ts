export interface Slots {
  /** Waits for a slot, which must be freed. Rejects with the signal's reason. */
  take(signal: AbortSignal): Promise<{ free(): void }>
}

/** At most `count` at a time, first come, first served. */
export function createSlots(count: number): Slots {
  let free = count
  const waiting = new Set<() => void>()
  const give = () => {
    const [next] = waiting
    if (next === undefined) free++
    else {
      waiting.delete(next)
      next()
    }
  }
  return {
    async take(signal) {
      signal.throwIfAborted()
      if (free > 0) free--
      else await turn(waiting, signal)
      let held = true
      return {
        free() {
          if (held) give()
          held = false
        },
      }
    },
  }
}

const turn = (waiting: Set<() => void>, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const mine = () => {
      signal.removeEventListener('abort', aborted)
      resolve()
    }
    const aborted = () => {
      waiting.delete(mine)
      reject(signal.reason as Error)
    }
    signal.addEventListener('abort', aborted, { once: true })
    waiting.add(mine)
  })
