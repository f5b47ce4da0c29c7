/**
 * Bounds the memory that request bodies take while they arrive and are worked on. Each body is
 * bounded by `[api] max_json_body_size*`, but unauthenticated clients may send many at once, and
 * never finish them.
 */
import { IronicError } from '../errors.js'

const mib = 1024 * 1024
const mostInProcess = 256 * mib
/** Clients that need not log in leave the other half to those that do, and to small bodies. */
const mostUnauthenticated = 128 * mib
/** One config drive of the largest size, and some requests beside it. */
const mostPerClient = 80 * mib
/** A heartbeat is far smaller, so that it never waits for the large bodies of strangers. */
export const smallBody = 64 * 1024

/** 503: the client may send the request again when earlier ones are done. */
export class BodiesInFlight extends IronicError {
  override readonly name = 'BodiesInFlight'
  constructor(whose: string) {
    super(`The request bodies of ${whose} in flight take too much memory, please retry.`, {
      status: 503,
      headers: { 'Retry-After': '2' },
    })
  }
}

export interface BodySender {
  /** The user, or the address of a client that did not log in. */
  readonly client: string
  readonly authenticated: boolean
}

/** The bytes of one body. */
export class BodyLease {
  readonly #budget: BodyBudget
  readonly #sender: BodySender
  #bytes = 0

  constructor(budget: BodyBudget, sender: BodySender) {
    this.#budget = budget
    this.#sender = sender
  }

  /** Adds bytes that arrived or are announced. @throws BodiesInFlight */
  take(bytes: number): void {
    this.#budget.take(this.#sender, bytes, this.#bytes + bytes <= smallBody)
    this.#bytes += bytes
  }

  /** Gives all bytes back: the request is answered. */
  release(): void {
    this.#budget.release(this.#sender, this.#bytes)
    this.#bytes = 0
  }
}

/** The bytes of all bodies in flight of a process. */
export class BodyBudget {
  readonly #perClient = new Map<string, number>()
  #total = 0
  #unauthenticated = 0

  lease(sender: BodySender): BodyLease {
    return new BodyLease(this, sender)
  }

  /** @throws BodiesInFlight */
  take({ client, authenticated }: BodySender, bytes: number, isSmall: boolean): void {
    const own = (this.#perClient.get(client) ?? 0) + bytes
    if (own > mostPerClient) throw new BodiesInFlight('this client')
    const isBounded = !authenticated && !isSmall
    if (
      this.#total + bytes > mostInProcess ||
      (isBounded && this.#unauthenticated + bytes > mostUnauthenticated)
    ) {
      throw new BodiesInFlight('all clients')
    }
    this.#perClient.set(client, own)
    this.#total += bytes
    if (!authenticated) this.#unauthenticated += bytes
  }

  release({ client, authenticated }: BodySender, bytes: number): void {
    const own = (this.#perClient.get(client) ?? 0) - bytes
    if (own > 0) this.#perClient.set(client, own)
    else this.#perClient.delete(client)
    this.#total -= bytes
    if (!authenticated) this.#unauthenticated -= bytes
  }
}
