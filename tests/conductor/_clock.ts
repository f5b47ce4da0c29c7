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

/** A clock that stands: whoever sleeps sleeps until woken. */
export class StandingClock extends JumpingClock {
  override async sleep(_ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    await new Promise((_resolve, reject) => {
      signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
    })
  }
}

/** A clock that jumps over short sleeps and lets deadlines pass only for those who advance it. */
export class PatientClock extends StandingClock {
  override async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (ms > 60_000) return await super.sleep(ms, signal)
    await JumpingClock.prototype.sleep.call(this, ms, signal)
  }
}
