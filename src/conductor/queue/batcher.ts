/**
 * Gathers what arrives while a call is under way into the next call: one round trip serves many,
 * and nothing waits when nothing is under way.
 */
export class Batcher<T> {
  readonly #send: (items: T[]) => Promise<void>
  #waiting: { item: T; done: () => void; failed: (error: unknown) => void }[] = []
  #sending = false

  constructor(send: (items: T[]) => Promise<void>) {
    this.#send = send
  }

  /** Resolves when the call that carried the item has. */
  add(item: T): Promise<void> {
    const { promise, resolve, reject } = deferred()
    this.#waiting.push({ item, done: resolve, failed: reject })
    if (!this.#sending) void this.#drain()
    return promise
  }

  async #drain(): Promise<void> {
    this.#sending = true
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0)
      try {
        await this.#send(batch.map((b) => b.item))
        for (const b of batch) b.done()
      } catch (error) {
        for (const b of batch) b.failed(error)
      }
    }
    this.#sending = false
  }
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
