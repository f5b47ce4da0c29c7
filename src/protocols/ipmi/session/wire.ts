import type { Clock } from '../../../clock.js'
import { IpmiProtocolError, IpmiTimeout } from '../errors.js'
import type { Transport } from './transport.js'

/** How long one try waits, in milliseconds, growing by half each time. */
export interface Timing {
  readonly firstTry: number
  readonly longestTry: number
}

/** Why a wait ends whose question is answered; made once, since each would cost a stack. */
const over = new Error('the question is over')

export const defaultTiming: Timing = { firstTry: 1_000, longestTry: 4_000 }

/** Until when, by the clock, in milliseconds; and who may call it off. */
export interface Limits {
  readonly deadline: number
  readonly signal?: AbortSignal | undefined
}

export interface Exchange<P, T> {
  /** What is asked, for errors: `RAKP message 1`. */
  readonly what: string
  /** The packet of a try; a session numbers every packet anew. */
  packet(): Buffer
  /** The answer, or undefined when the packet is none to this. May throw IpmiProtocolError. */
  accept(packet: P): T | undefined
  readonly tries: number
  readonly limits: Limits
  /** The command must not be sent twice: its answer is waited for, nothing is repeated. */
  readonly once?: boolean
}

interface Pending<P> {
  offer(packet: P): void
  fail(error: Error): void
}

/**
 * Questions and answers over a transport that loses, repeats and reorders packets. What is no
 * packet, or none of ours, is dropped as if it had been lost.
 */
export class Wire<P> {
  readonly #transport: Transport
  readonly #clock: Clock
  readonly #timing: Timing
  readonly #decode: (packet: Buffer) => P | undefined
  readonly #pending = new Set<Pending<P>>()
  /** How many packets were dropped. */
  dropped = 0

  /** @param decode undefined when somebody else has taken the packet */
  constructor(
    transport: Transport,
    clock: Clock,
    timing: Timing,
    decode: (packet: Buffer) => P | undefined,
  ) {
    this.#transport = transport
    this.#clock = clock
    this.#timing = timing
    this.#decode = decode
    transport.listen({
      packet: (packet) => this.#receive(packet),
      failed: (error) => this.fail(error),
    })
  }

  send(packet: Buffer): void {
    this.#transport.send(packet)
  }

  /** Ends every question with an error. */
  fail(error: Error): void {
    for (const one of this.#pending) one.fail(error)
  }

  /** @throws IpmiTimeout, the transport's error, the signal's reason, what `accept` throws */
  async ask<T>(exchange: Exchange<P, T>): Promise<T> {
    exchange.limits.signal?.throwIfAborted()
    const stop = new AbortController()
    const answer = this.#answer(exchange, stop.signal)
    const sending = this.#keepSending(exchange, stop.signal)
    try {
      return await Promise.race([answer, sending])
    } finally {
      stop.abort(over)
      // Both have told what they had to; the loser's end is of no interest.
      await Promise.allSettled([sending])
      answer.catch(() => undefined)
    }
  }

  #answer<T>(exchange: Exchange<P, T>, stop: AbortSignal): Promise<T> {
    const { signal } = exchange.limits
    return new Promise<T>((resolve, reject) => {
      const onAbort = (): void => reject(signal?.reason as Error)
      signal?.addEventListener('abort', onAbort, { once: true })
      const pending: Pending<P> = {
        offer: (packet) => {
          const found = exchange.accept(packet)
          if (found !== undefined) resolve(found)
        },
        fail: reject,
      }
      this.#pending.add(pending)
      stop.addEventListener('abort', () => {
        this.#pending.delete(pending)
        signal?.removeEventListener('abort', onAbort)
      })
    })
  }

  /** Sends and waits, until tries or time are used up. @throws IpmiTimeout */
  async #keepSending(exchange: Exchange<P, unknown>, stop: AbortSignal): Promise<never> {
    const begin = this.#now()
    const { firstTry, longestTry } = this.#timing
    const { once = false, limits } = exchange
    let wait = once ? firstTry + longestTry : firstTry
    let sent = 0
    for (; sent < (once ? 1 : exchange.tries) && this.#now() < limits.deadline; sent += 1) {
      this.send(exchange.packet())
      await this.#clock.sleep(Math.min(wait, Math.max(0, limits.deadline - this.#now())), stop)
      wait = Math.min(wait * 1.5, longestTry)
    }
    throw new IpmiTimeout(exchange.what, this.#now() - begin, sent, sent > 0)
  }

  #receive(bytes: Buffer): void {
    try {
      const packet = this.#decode(bytes)
      if (packet === undefined) return
      for (const one of this.#pending) one.offer(packet)
    } catch (error) {
      if (!(error instanceof IpmiProtocolError)) throw error
      this.dropped += 1
    }
  }

  #now(): number {
    return this.#clock.now().getTime()
  }
}
