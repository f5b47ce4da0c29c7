import type { Logger } from '../../../log/logger.js'
import type { Semaphore } from './semaphore.js'

/** Beyond so much work the queue spreads it over the conductors there are. */
const mostAtOnce = 32

/**
 * Work announced in the process that can do it, and has a slot free, needs no queue: the row of the
 * task is written, and the sweep finds it should this process die.
 */
export class Shortcut {
  readonly #slots: Semaphore
  readonly #log: Logger
  readonly #handle: (taskId: string) => Promise<void>
  readonly #running = new Set<Promise<void>>()
  #closed = false

  constructor(slots: Semaphore, log: Logger, handle: (taskId: string) => Promise<void>) {
    this.#slots = slots
    this.#log = log
    this.#handle = handle
  }

  /** Begins the work. @returns false when the queue must carry it */
  take(taskId: string): boolean {
    if (this.#closed || this.#running.size >= mostAtOnce || !this.#slots.free) return false
    const run = this.#slots
      .run(() => this.#handle(taskId))
      .catch((error: unknown) => this.#log.error({ error, taskId }, 'a task failed'))
      .finally(() => this.#running.delete(run))
    this.#running.add(run)
    return true
  }

  /** Takes nothing more. Resolves when what runs is done. */
  async close(): Promise<void> {
    this.#closed = true
    await Promise.all(this.#running)
  }
}
