import type { Clock } from '../../clock.js'
import { Job } from './job.js'
import { Counters, type BmcStatistics } from './statistics.js'
import type { Tenant, Tenure, Tenures } from './tenure.js'
import { BmcBackingOff, BmcDeadline, priorities, type Work, type WorkOptions } from './work.js'

export interface LaneOptions {
  readonly clock: Clock
  /** Milliseconds between two pieces of work where the work itself does not say. */
  readonly minInterval: number
  /** After the first failure in a row polls are refused this long, then twice as long, … */
  readonly backOff: number
  /** … up to this. */
  readonly maxBackOff: number
  /** Who may speak to a BMC; undefined when no other process does. */
  readonly tenures?: Tenures | undefined
}

/** Why the watch over a deadline ends; made once, since each would cost a stack. */
const told = new Error('the work is done')

/** Polls leave a BMC alone for this many times what its answers take. */
const restPerLatency = 2

/** The work of one BMC: one piece at a time, the most urgent first, in the order it came. */
export class Lane implements Tenant {
  readonly #key: string
  readonly #options: LaneOptions
  readonly #tenure: Tenure | null
  readonly #counters = new Counters()
  #queue: Job[] = []
  #running: Job | null = null
  #pumping = false
  #wake: AbortController | null = null
  #lastEnd: number | null = null
  /** Whose work ended then; undefined when another process may have been the last. */
  #lastSession: object | undefined
  #lastFailure: unknown = null

  constructor(key: string, options: LaneOptions) {
    this.#key = key
    this.#options = options
    this.#tenure = options.tenures?.(key, this) ?? null
  }

  /** Whether work that runs may go on. */
  get mayGoOn(): boolean {
    return this.#tenure?.lasts ?? true
  }
  get busy(): boolean {
    return this.#pumping
  }
  get rested(): number | null {
    return this.#lastEnd === null ? null : this.#sinceLastEnd()
  }

  get statistics(): BmcStatistics {
    return this.#counters.snapshot(this.#queue.length, this.#running !== null)
  }

  /** @throws BmcBackingOff, BmcDeadline, the signal's reason, and what the work throws */
  async run(options: WorkOptions, work: Work<unknown>): Promise<unknown> {
    options.signal?.throwIfAborted()
    const job = this.#jobFor(options, work)
    const { result, leave } = job.join()
    const over = new AbortController()
    const onAbort = (): void => leave(options.signal?.reason)
    options.signal?.addEventListener('abort', onAbort, { once: true })
    if (options.deadline !== undefined) this.#expire(job, options.deadline, leave, over.signal)
    this.#pump()
    try {
      return await result
    } finally {
      options.signal?.removeEventListener('abort', onAbort)
      over.abort(told)
    }
  }

  #jobFor(options: WorkOptions, work: Work<unknown>): Job {
    const same = this.#sameAs(options)
    if (same !== undefined) {
      this.#counters.coalesced += 1
      return same
    }
    if (options.priority === 'poll') this.#refuseWhileBackingOff()
    const job = new Job(work, options, this.#now())
    this.#queue.push(job)
    return job
  }

  #sameAs(options: WorkOptions): Job | undefined {
    const name = options.coalesce
    if (name === undefined || options.priority !== 'poll') return undefined
    const all = this.#running === null ? this.#queue : [this.#running, ...this.#queue]
    return all.find((job) => job.options.coalesce === name && !job.abandoned)
  }

  #refuseWhileBackingOff(): void {
    const failures = this.#counters.consecutiveFailures
    if (failures === 0 || this.#running !== null) return
    const pause = Math.min(this.#options.backOff * 2 ** (failures - 1), this.#options.maxBackOff)
    const left = pause - this.#sinceLastEnd()
    if (left <= 0) return
    this.#counters.refused += 1
    throw new BmcBackingOff(this.#key, failures, left, this.#lastFailure)
  }

  #expire(job: Job, deadline: number, leave: (reason: unknown) => void, over: AbortSignal): void {
    const sleep = this.#options.clock.sleep(Math.max(0, deadline - this.#now()), over)
    sleep.then(
      () => leave(new BmcDeadline(this.#key, job.started)),
      () => undefined,
    )
  }

  #pump(): void {
    this.#wake?.abort()
    if (this.#pumping) return
    this.#pumping = true
    this.#work().catch((error: unknown) => this.#abandon(error))
  }

  async #work(): Promise<void> {
    for (let job = this.#mostUrgent(); job !== undefined; job = this.#mostUrgent()) {
      // Each of the waits may bring more urgent work, so that the queue is looked at again.
      const rest = this.#restBefore(job)
      if (this.#tenure?.held === false) await this.#admit(this.#tenure, job)
      else if (rest > 0) await this.#pause(rest)
      else await this.#execute(job)
    }
    // In the same turn as the last look at the queue: what comes after starts the work again.
    this.#pumping = false
    await this.#tenure?.leave()
  }

  /** Fails all queued work, so that an error of the lane itself strands no caller. */
  #abandon(error: unknown): void {
    this.#pumping = false
    this.#running = null
    for (const job of this.#queue.splice(0)) job.fail(error)
  }

  /** Waits until this process may speak to the BMC, as long as somebody waits for the job. */
  async #admit(tenure: Tenure, job: Job): Promise<void> {
    try {
      const rested = await tenure.take(job.signal)
      if (rested === null) return
      const ended = this.#now() - rested
      if (this.#lastEnd !== null && ended <= this.#lastEnd) return
      this.#lastEnd = ended
      this.#lastSession = undefined
    } catch (error) {
      job.fail(error)
    }
  }

  #mostUrgent(): Job | undefined {
    this.#queue = this.#queue.filter((job) => !job.abandoned)
    for (const priority of priorities) {
      const job = this.#queue.find((one) => one.priority === priority)
      if (job !== undefined) return job
    }
    return undefined
  }

  #restBefore(job: Job): number {
    if (this.#lastEnd === null || this.#endsWhatWasLast(job)) return 0
    const interval = job.options.minInterval ?? this.#options.minInterval
    const { latency } = this.#counters
    const slow = job.priority === 'poll' ? latency * restPerLatency : 0
    const rest = Math.max(interval, Math.min(slow, this.#options.maxBackOff))
    return rest - this.#sinceLastEnd()
  }

  #endsWhatWasLast({ options: { upkeep, session } }: Job): boolean {
    return upkeep === true && session !== undefined && session === this.#lastSession
  }

  /** Sleeps until the time is over or more work has come, which may be more urgent. */
  async #pause(ms: number): Promise<void> {
    this.#wake = new AbortController()
    try {
      await this.#options.clock.sleep(ms, this.#wake.signal)
    } catch (error) {
      if (!this.#wake.signal.aborted) throw error
    } finally {
      this.#wake = null
    }
  }

  async #execute(job: Job): Promise<void> {
    this.#queue = this.#queue.filter((other) => other !== job)
    this.#running = job
    const begin = this.#now()
    const done = this.#tenure?.keep((reason) => job.stop(reason))
    const failed = await job.run()
    done?.()
    this.#running = null
    if (job.options.upkeep !== true) this.#count(job, begin, failed)
    this.#lastEnd = this.#now()
    this.#lastSession = job.options.session
    await this.#tenure?.leave()
  }

  #count(job: Job, begin: number, failed: { error: unknown } | null): void {
    const unreachable = failed !== null && this.#isUnreachable(job, failed.error)
    if (unreachable) this.#lastFailure = failed.error
    const took = Math.max(0, this.#now() - begin)
    this.#counters.ended(begin - job.queuedAt, took, unreachable)
  }

  #isUnreachable(job: Job, error: unknown): boolean {
    if (job.cancelled) return false
    return job.options.isUnreachable?.(error) ?? true
  }

  #now(): number {
    return this.#options.clock.now().getTime()
  }

  #sinceLastEnd(): number {
    const now = this.#now()
    // After the wall clock was set back nobody waits longer than the whole interval.
    this.#lastEnd = Math.min(this.#lastEnd ?? 0, now)
    return now - this.#lastEnd
  }
}
