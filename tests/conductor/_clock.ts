import type { Clock } from '../../src/clock.js'

/** A clock that jumps: sleeping moves it on at once and is written down. */
export class JumpingClock implements Clock {
  readonly slept: number[] = []
  #now: number

  constructor(start = Date.UTC(2026, 0, 1)) {
    this.#now = start
  }
  now(): Date {
    return new Date(this.#now)
  }
  advance(ms: number): void {
    this.#now += ms
  }
  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    this.slept.push(ms)
    this.advance(ms)
    await new Promise((resolve) => setImmediate(resolve))
    signal?.throwIfAborted()
  }
}
