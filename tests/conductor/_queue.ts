import type { QueueConsumer, TaskQueue } from '../../src/conductor/work/queue/types.js'

/** A queue in memory that a test can make lose, double and delay messages. */
export class ListQueue implements TaskQueue {
  readonly description = 'in memory'
  readonly messages: { queue: string; taskId: string }[] = []
  lossy = false

  publish(queue: string, taskId: string): Promise<void> {
    if (!this.lossy) this.messages.push({ queue, taskId })
    return Promise.resolve()
  }
  consume(): Promise<QueueConsumer> {
    const close = () => Promise.resolve()
    return Promise.resolve({ close, [Symbol.asyncDispose]: close })
  }
  close(): Promise<void> {
    return Promise.resolve()
  }
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}
