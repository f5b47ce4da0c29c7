import { setMaxListeners } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { createPostgresBackend, isPgPool, Queue, runMigrations, Worker, type PgPool } from 'bullmq'
import type { Config } from '../../../config/index.js'
import type { Database } from '../../../db/types.js'
import type { Logger } from '../../../log/logger.js'
import { Batcher } from '../../../batcher.js'
import { Semaphore } from './semaphore.js'
import { Shortcut } from './shortcut.js'
import type { PublishOptions, QueueConsumer, TaskQueue } from './types.js'

/**
 * BullMQ, kept by the database or by Redis (`[ferric] queue_url`). The only file that knows it.
 * Queue names lose their colons, which BullMQ forbids.
 */

interface Message {
  readonly taskId: string
  readonly delayMs: number
  readonly priority: number
  readonly key: string
}
type Data = { taskId: string }
type Handler = (taskId: string, signal: AbortSignal) => Promise<void>

/** Makes BullMQ's objects over one of the homes. */
interface Home {
  readonly description: string
  queue(name: string): Queue
  worker(name: string, concurrency: number, run: (data: Data) => Promise<void>): Worker
}

const finished = { removeOnComplete: true, removeOnFail: true } as const
/** A job whose worker is silent for so long is given to another one. */
const lockDuration = 60_000
/** Node's timers fire at once when asked for more. */
const longestTimer = 2 ** 31 - 1
/** What running work gets to notice the abort, once the deadline has passed. */
const lastGraceMs = 5_000

/**
 * Opens the queue.
 * @param db carries the queue unless `[ferric] queue_url` names a Redis
 */
export async function openQueue(config: Config, db: Database, log: Logger): Promise<TaskQueue> {
  const url = config.ferric.queue_url
  return new BullTaskQueue(url === null ? await databaseHome(db) : redisHome(url), log)
}

async function databaseHome(db: Database): Promise<Home> {
  const pool = db.pool
  if (!isPgPool(pool)) throw new TypeError('the database has no pool for the queue')
  await migrate(pool)
  const options = { connection: pool }
  return {
    description: db.description,
    queue: (name) => new Queue(name, options, createPostgresBackend) as unknown as Queue,
    worker: (name, concurrency, run) =>
      new Worker(
        name,
        async (job: { data: Data }) => await run(job.data),
        { ...options, concurrency, lockDuration },
        createPostgresBackend,
      ) as unknown as Worker,
  }
}

async function migrate(pool: PgPool): Promise<void> {
  const client = await pool.connect()
  try {
    await runMigrations(client)
  } finally {
    client.release()
  }
}

function redisHome(url: string): Home {
  const connection = { url, maxRetriesPerRequest: null }
  const { host, pathname } = new URL(url)
  return {
    description: `redis://${host}${pathname}`,
    queue: (name) => new Queue(name, { connection: { url } }),
    worker: (name, concurrency, run) =>
      new Worker(name, async (job: { data: Data }) => await run(job.data), {
        connection,
        concurrency,
        lockDuration,
      }),
  }
}

const bullName = (queue: string): string => queue.replaceAll(':', '~')

class BullTaskQueue implements TaskQueue {
  readonly description: string
  readonly #home: Home
  readonly #log: Logger
  readonly #queues = new Map<string, { queue: Queue; batcher: Batcher<Message> }>()
  /** Who takes from a queue in this process. */
  readonly #consumers = new Map<string, BullConsumer>()

  constructor(home: Home, log: Logger) {
    this.#home = home
    this.#log = log
    this.description = home.description
  }

  async publish(queue: string, taskId: string, options: PublishOptions = {}): Promise<void> {
    const { delayMs = 0, priority = 0, key = taskId } = options
    if (delayMs === 0 && this.#consumers.get(queue)?.shortcut.take(taskId)) return
    await this.#open(queue).batcher.add({ taskId, delayMs, priority, key })
  }

  #open(name: string) {
    const known = this.#queues.get(name)
    if (known !== undefined) return known
    const queue = this.#home.queue(bullName(name))
    queue.on('error', (error) => this.#log.warn({ error, queue: name }, 'queue error'))
    const batcher = new Batcher<Message>((messages) => addAll(queue, messages))
    const made = { queue, batcher }
    this.#queues.set(name, made)
    return made
  }

  async consume(
    queues: readonly string[],
    concurrency: number,
    handle: Handler,
  ): Promise<QueueConsumer> {
    const consumer = new BullConsumer(this.#home, this.#log, concurrency, handle)
    await consumer.start(queues)
    for (const queue of queues) this.#consumers.set(queue, consumer)
    return consumer
  }

  async close(): Promise<void> {
    await Promise.all([...this.#queues.values()].map((q) => q.queue.close()))
    this.#queues.clear()
  }
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}

async function addAll(queue: Queue, messages: readonly Message[]): Promise<void> {
  await queue.addBulk(
    messages.map((m) => ({
      name: 'task',
      data: { taskId: m.taskId } satisfies Data,
      opts: {
        ...finished,
        jobId: m.key,
        ...(m.delayMs > 0 ? { delay: m.delayMs } : {}),
        ...(m.priority > 0 ? { priority: m.priority } : {}),
      },
    })),
  )
}

class BullConsumer implements QueueConsumer {
  readonly #home: Home
  readonly #log: Logger
  readonly #concurrency: number
  readonly #slots: Semaphore
  readonly #handle: Handler
  readonly #stop = new AbortController()
  readonly shortcut: Shortcut
  #workers: Worker[] = []

  constructor(home: Home, log: Logger, concurrency: number, handle: Handler) {
    this.#home = home
    this.#log = log
    this.#concurrency = concurrency
    this.#slots = new Semaphore(concurrency)
    this.#handle = handle
    this.shortcut = new Shortcut(this.#slots, log, (id) => handle(id, this.#stop.signal))
    setMaxListeners(0, this.#stop.signal)
  }

  async start(queues: readonly string[]): Promise<void> {
    this.#workers = queues.map((name) => this.#worker(name))
    await Promise.all(this.#workers.map((w) => w.waitUntilReady()))
  }

  #worker(name: string): Worker {
    const worker = this.#home.worker(bullName(name), this.#concurrency, (data) =>
      this.#slots.run(() => this.#handle(data.taskId, this.#stop.signal)),
    )
    worker.on('error', (error) => this.#log.warn({ error, queue: name }, 'worker error'))
    worker.on('failed', (job, error) => this.#log.error({ error, job: job?.data }, 'job failed'))
    return worker
  }

  async close(deadlineMs: number): Promise<void> {
    const drained = Promise.all([this.shortcut, ...this.#workers].map((one) => one.close()))
    const most = Math.min(deadlineMs, longestTimer)
    await Promise.race([drained, delay(most, undefined, { ref: false })])
    this.#stop.abort(new Error('the process is shutting down'))
    await Promise.race([drained, delay(lastGraceMs, undefined, { ref: false })])
  }
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close(0)
  }
}
