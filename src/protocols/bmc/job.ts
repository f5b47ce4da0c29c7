import { BmcDeadline, type Priority, type Work, type WorkOptions } from './work.js'

interface Waiter {
  resolve(value: unknown): void
  reject(reason: unknown): void
}

/**
 * A piece of work with those who wait for it: one caller, or several whose polls are the same.
 * It is cancelled when the last of them has left.
 */
export class Job {
  readonly options: WorkOptions
  readonly queuedAt: number
  readonly #work: Work<unknown>
  readonly #waiters = new Set<Waiter>()
  readonly #stop = new AbortController()
  started = false

  constructor(work: Work<unknown>, options: WorkOptions, queuedAt: number) {
    this.#work = work
    this.options = options
    this.queuedAt = queuedAt
  }

  get priority(): Priority {
    return this.options.priority
  }
  /** Nobody waits for it: they have left, or they have been told. */
  get abandoned(): boolean {
    return this.#waiters.size === 0
  }
  /** They left because they were cancelled, which says nothing about the BMC. */
  get cancelled(): boolean {
    return this.#stop.signal.aborted && !(this.#stop.signal.reason instanceof BmcDeadline)
  }

  /** Aborted when nobody waits for it any more, or it must end. */
  get signal(): AbortSignal {
    return this.#stop.signal
  }

  /** The work must end, though somebody waits for it. */
  stop(reason: Error): void {
    this.#stop.abort(reason)
  }

  /** It cannot be done: everybody is told. */
  fail(error: unknown): void {
    this.#tell((waiter) => waiter.reject(error))
  }

  /** One more who waits for the result, or leaves with a reason of his own. */
  join(): { result: Promise<unknown>; leave: (reason: unknown) => void } {
    let waiter: Waiter = { resolve: () => undefined, reject: () => undefined }
    const promise = new Promise<unknown>((resolve, reject) => {
      waiter = { resolve, reject }
    })
    this.#waiters.add(waiter)
    const leave = (reason: unknown): void => {
      if (!this.#waiters.delete(waiter)) return
      waiter.reject(reason)
      if (this.abandoned) this.#stop.abort(reason)
    }
    return { result: promise, leave }
  }

  /** Runs the work and tells everybody. @returns the error it failed with, wrapped, or null */
  async run(): Promise<{ error: unknown } | null> {
    this.started = true
    try {
      const value = await this.#work(this.#stop.signal)
      this.#tell((waiter) => waiter.resolve(value))
      return null
    } catch (error) {
      this.fail(error)
      return { error }
    }
  }

  #tell(how: (waiter: Waiter) => void): void {
    const waiters = [...this.#waiters]
    this.#waiters.clear()
    for (const waiter of waiters) how(waiter)
  }
}
