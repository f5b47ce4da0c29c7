export interface PublishOptions {
  readonly delayMs?: number
  readonly priority?: number
  /** Messages of one key are folded into one while it waits; default: the task's id. */
  readonly key?: string
}

/**
 * The queue carries ids of `ferric_tasks` rows and nothing else. It may deliver a message twice,
 * late or never; the rows are the truth and a sweep publishes again what was lost.
 */
export interface TaskQueue extends AsyncDisposable {
  /** Announces a task. Resolves once the queue has it. */
  publish(queue: string, taskId: string, options?: PublishOptions): Promise<void>
  /** Starts to take messages of the queues named; `handle` runs at most `concurrency` at once. */
  consume(
    queues: readonly string[],
    concurrency: number,
    handle: (taskId: string, signal: AbortSignal) => Promise<void>,
  ): Promise<QueueConsumer>
  /** Where it lives, without credentials. */
  readonly description: string
  close(): Promise<void>
}

export interface QueueConsumer extends AsyncDisposable {
  /** Stops taking messages and waits for the running ones, at most `deadlineMs`. */
  close(deadlineMs: number): Promise<void>
}
