import { withoutWorkIds } from './log/ids.js'

export interface BatcherOptions {
  /** How many one call takes; the rest is for the next. */
  readonly most?: number
  /** Begins a call only when all that is ready by now has come, at the end of the event loop's turn. */
  readonly gathers?: boolean
  /** Whether an error may be the fault of one item: then each is sent again, alone. */
  readonly mayBeOnes?: (error: unknown) => boolean
}

/**
 * Gathers what arrives while a call is under way into the next call: one round trip serves many,
 * and nothing waits when nothing is under way.
 */
export class Batcher<T> {
  readonly #send: (items: T[]) => Promise<void>
  readonly #most: number
  readonly #gathers: boolean
  readonly #mayBeOnes: (error: unknown) => boolean
  #waiting: Waiting<T>[] = []
  #sending = false

  constructor(send: (items: T[]) => Promise<void>, options: BatcherOptions = {}) {
    this.#send = send
    this.#most = options.most ?? Infinity
    this.#gathers = options.gathers ?? false
    this.#mayBeOnes = options.mayBeOnes ?? (() => false)
  }

  /** Resolves when the call that carried the item has. */
  add(item: T): Promise<void> {
    const { promise, resolve, reject } = deferred()
    this.#waiting.push({ item, done: resolve, failed: reject })
    if (!this.#sending) withoutWorkIds(() => this.#start())
    return promise
  }

  #start(): void {
    this.#drain().catch((error: unknown) => this.#abandon(error))
  }

  async #drain(): Promise<void> {
    this.#sending = true
    while (this.#waiting.length > 0) {
      if (this.#gathers) await new Promise((resolve) => setImmediate(resolve))
      await this.#carry(this.#waiting.splice(0, this.#most))
    }
    this.#sending = false
  }

  /** Fails all waiting items, so that an error of the batcher itself strands no caller. */
  #abandon(error: unknown): void {
    this.#sending = false
    for (const { failed } of this.#waiting.splice(0)) failed(error)
  }

  async #carry(batch: readonly Waiting<T>[]): Promise<void> {
    try {
      await this.#send(batch.map((b) => b.item))
      for (const b of batch) b.done()
    } catch (error) {
      if (batch.length > 1 && this.#mayBeOnes(error)) {
        for (const b of batch) await this.#carry([b])
      } else for (const b of batch) b.failed(error)
    }
  }
}

interface Waiting<T> {
  readonly item: T
  readonly done: () => void
  readonly failed: (error: unknown) => void
}

function deferred() {
  let resolve!: () => void
  let reject!: (error: unknown) => void
  const promise = new Promise<void>((yes, no) => {
    resolve = yes
    reject = no
  })
  return { promise, resolve, reject }
}
