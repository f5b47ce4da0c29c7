/**
 * The order in which passwords are checked. bcrypt is slow on purpose, so wrong passwords in
 * parallel would keep new users waiting. Addresses take turns, an address waits longer after each
 * wrong password, and the queue is bounded. A password that was checked before does not come here.
 */
import type { Clock } from '../../clock.js'
import { tooManyLogins } from './refused.js'

const mostPerAddress = 32
const mostWaiting = 512
const mostAddresses = 10_000
const firstDelayMs = 100
const longestDelayMs = 1_000
/** An address without a wrong password for so long starts from the first delay again. */
const forgetMs = 60_000

type Check = () => Promise<boolean>

interface Waiting {
  readonly check: Check
  readonly resolve: (good: boolean) => void
  readonly reject: (error: unknown) => void
}

interface Address {
  readonly waiting: Waiting[]
  failures: number
  /** No check starts before, in milliseconds of the clock. */
  notBefore: number
}

export class PasswordQueue {
  readonly #clock: Clock
  /** The address whose turn is next comes first. */
  readonly #addresses = new Map<string, Address>()
  #waiting = 0
  #isRunning = false
  #wake: AbortController | null = null

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /**
   * Runs a check when it is the address' turn.
   * @throws AuthRefused 429 with Retry-After when too many wait, the error of the check
   */
  run(address: string, check: Check): Promise<boolean> {
    const entry = this.#entryOf(address)
    if (entry.waiting.length >= mostPerAddress || this.#waiting >= mostWaiting) {
      throw tooManyLogins(Math.ceil(this.#delayOf(entry) / 1000) || 1)
    }
    return new Promise((resolve, reject) => {
      entry.waiting.push({ check, resolve, reject })
      this.#waiting += 1
      this.#wake?.abort()
      if (!this.#isRunning) this.#work().catch((error: unknown) => this.#abandon(error))
    })
  }

  #entryOf(address: string): Address {
    const entry = this.#addresses.get(address)
    if (entry !== undefined) return entry
    this.#forget()
    const fresh = { waiting: [], failures: 0, notBefore: 0 }
    this.#addresses.set(address, fresh)
    return fresh
  }

  async #work(): Promise<void> {
    this.#isRunning = true
    while (this.#waiting > 0) {
      const next = this.#next()
      if (next === undefined) await this.#pause()
      else await this.#check(...next)
    }
    this.#isRunning = false
  }

  #next(): [string, Address] | undefined {
    for (const pair of this.#addresses) {
      if (pair[1].waiting.length > 0 && this.#delayOf(pair[1]) <= 0) return pair
    }
    return undefined
  }

  async #check(address: string, entry: Address): Promise<void> {
    const job = entry.waiting.shift()
    if (job === undefined) return
    this.#waiting -= 1
    this.#addresses.delete(address)
    this.#addresses.set(address, entry)
    try {
      const good = await job.check()
      this.#count(entry, good)
      job.resolve(good)
    } catch (error) {
      job.reject(error)
    }
  }

  #count(entry: Address, good: boolean): void {
    entry.failures = good ? 0 : entry.failures + 1
    const delay = good ? 0 : Math.min(firstDelayMs * 2 ** (entry.failures - 1), longestDelayMs)
    entry.notBefore = this.#now() + delay
  }

  /** Sleeps until an address may go on, or a check arrives. */
  async #pause(): Promise<void> {
    const delays = [...this.#addresses.values()]
      .filter(({ waiting }) => waiting.length > 0)
      .map((entry) => this.#delayOf(entry))
    this.#wake = new AbortController()
    const { signal } = this.#wake
    try {
      await this.#clock.sleep(Math.max(1, Math.min(...delays)), signal)
    } catch (error) {
      if (!signal.aborted) throw error
    } finally {
      this.#wake = null
    }
  }

  /** Fails all waiting checks, so that an error of the queue itself strands no request. */
  #abandon(error: unknown): void {
    this.#isRunning = false
    this.#waiting = 0
    for (const { waiting } of this.#addresses.values()) {
      for (const { reject } of waiting.splice(0)) reject(error)
    }
  }

  /** Drops addresses that are quiet, and when there are too many, those that were used longest ago. */
  #forget(): void {
    if (this.#addresses.size < mostAddresses) return
    const idle = [...this.#addresses].filter(([, { waiting }]) => waiting.length === 0)
    const quiet = idle.filter(([, { notBefore }]) => notBefore < this.#now() - forgetMs)
    for (const [address] of [...quiet, ...idle.slice(0, 1)]) this.#addresses.delete(address)
  }

  #delayOf({ notBefore, failures }: Address): number {
    return failures === 0 ? 0 : notBefore - this.#now()
  }

  #now(): number {
    return this.#clock.now().getTime()
  }
}
