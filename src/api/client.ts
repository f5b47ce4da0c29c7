import type { ServerResponse } from 'node:http'

/** What the HTTP server tells of a request beside what the web's `Request` does. */
export interface Wire {
  readonly incoming?: {
    readonly url?: string
    readonly socket?: { readonly remoteAddress?: string }
  }
  readonly outgoing?: ServerResponse
}

/** The address of a client's connection; empty without one, as in tests. */
export const addressOf = (wire: Wire | undefined): string =>
  wire?.incoming?.socket?.remoteAddress ?? ''

/**
 * Who waits for an answer. Most requests never ask whether the client is still there, so what
 * watches it is made when somebody does.
 */
export class Client {
  readonly #request: Request
  readonly #outgoing: ServerResponse | undefined
  #signal: AbortSignal | undefined

  constructor(request: Request, wire: Wire | undefined) {
    this.#request = request
    this.#outgoing = wire?.outgoing
  }

  /** Aborted when the client goes before it is answered. */
  get signal(): AbortSignal {
    this.#signal ??=
      this.#outgoing === undefined ? this.#request.signal : untilClosed(this.#outgoing)
    return this.#signal
  }
}

function untilClosed(outgoing: ServerResponse): AbortSignal {
  const gone = new AbortController()
  const closed = () => {
    if (!outgoing.writableFinished) gone.abort(new Error('the client is gone'))
  }
  if (outgoing.closed) closed()
  else outgoing.once('close', closed)
  return gone.signal
}
