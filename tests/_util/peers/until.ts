import { setTimeout as sleep } from 'node:timers/promises'

/** How long and how often to look, and what is awaited (named in the error). */
export type Wait = { what: string; timeoutMs: number; everyMs?: number }

/**
 * Polls `probe` until it returns something other than undefined, and returns that.
 * Throws when the time is over.
 */
export async function until<T>(probe: () => Promise<T | undefined>, wait: Wait): Promise<T> {
  const deadline = Date.now() + wait.timeoutMs
  for (;;) {
    const found = await probe()
    if (found !== undefined) return found
    if (Date.now() > deadline) throw new Error(`no ${wait.what} within ${wait.timeoutMs / 1000} s`)
    await sleep(wait.everyMs ?? 50)
  }
}
