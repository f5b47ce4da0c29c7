/** What every outgoing HTTP request shares: one kind of connection, and bounds on what an answer may cost. */
import type { Readable } from 'node:stream'
import { Agent, request, type Dispatcher } from 'undici'

/**
 * Returns a pool of connections. They speak HTTP/1.1 only, as the clients of Ironic do: what answers here are BMCs,
 * ramdisks and small web servers, and some of them offer HTTP/2 by ALPN without serving it well.
 */
export const httpAgent = (options: Agent.Options = {}): Agent =>
  new Agent({ ...options, allowH2: false })

/** The connections of clients that have no options of their own. */
export const plainAgent: Agent = httpAgent()

/** A peer sent more than a request of this kind may cost. */
export class BodyTooLarge extends Error {
  override readonly name = 'BodyTooLarge'
  constructor(maxBytes: number) {
    super(`The answer is larger than ${maxBytes} bytes`)
  }
}

/** A peer sends its answer so slowly that it would hold this process for days. */
export class BodyTooSlow extends Error {
  override readonly name = 'BodyTooSlow'
  constructor(bytes: number, windowMs: number) {
    super(`The answer brought ${bytes} bytes in ${Math.round(windowMs / 1000)} s`)
  }
}

/**
 * Reads a body to its end.
 * @param body the body of an answer; it is destroyed when this throws
 * @param maxBytes the most that it may hold
 * @throws BodyTooLarge, or what the connection fails with
 */
export async function readBounded(body: AsyncIterable<Buffer>, maxBytes: number): Promise<Buffer> {
  const parts: Buffer[] = []
  let size = 0
  for await (const part of body) {
    size += part.length
    if (size > maxBytes) throw new BodyTooLarge(maxBytes)
    parts.push(part)
  }
  return Buffer.concat(parts)
}

export interface Exchange {
  readonly method?: Dispatcher.HttpMethod
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  readonly dispatcher?: Dispatcher
  /** Ends the exchange early. */
  readonly signal: AbortSignal
  /** For the whole exchange, from the connection to the last byte of the answer. */
  readonly timeoutMs: number
  /** The most that the answer's body may hold. */
  readonly maxBytes: number
}

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Buffer
}

/** Returns a signal that also ends after `ms` milliseconds; longer times are cut to what a timer can hold (24 days). */
export const deadline = (signal: AbortSignal, ms: number): AbortSignal =>
  AbortSignal.any([signal, AbortSignal.timeout(Math.min(Math.ceil(ms), 2 ** 31 - 1))])

/**
 * Sends one request and reads the whole answer, whatever its status. Redirects are answers like others.
 * @throws BodyTooLarge; TimeoutError when the time is over; the reason of `signal` when that was aborted; an error of
 *   undici or of the socket when the connection fails or the answer is not HTTP
 */
export async function exchange(url: string | URL, options: Exchange): Promise<Answer> {
  const { method = 'GET', headers, body, dispatcher = plainAgent } = options
  const answer = await request(url, {
    method,
    dispatcher,
    signal: deadline(options.signal, options.timeoutMs),
    ...(headers === undefined ? {} : { headers }),
    ...(body === undefined ? {} : { body }),
  })
  const bytes = await readBounded(answer.body, options.maxBytes)
  return { status: answer.statusCode, headers: answer.headers, body: bytes }
}

/** A request whose answer is read as it comes. */
export interface Opening extends Pick<Exchange, 'method' | 'headers' | 'dispatcher' | 'signal'> {
  /** Until the headers of the answer have arrived. */
  readonly headersMs: number
  /** Of a silence in the answer; without it, the dispatcher's. */
  readonly idleMs?: number
}

/**
 * Sends one request and returns when the headers of its answer have arrived; `paced` reads the body. Undici's limit of a
 * silence starts again with each informational answer (RFC 9110, 15.2), of which a peer may send any number, so the
 * headers have a limit of their own.
 * @throws TimeoutError when the headers take too long; the reason of `signal` when that was aborted; an error of
 *   undici or of the socket when the connection fails or the answer is not HTTP
 */
export async function open(
  url: string | URL,
  { method = 'GET', headers = {}, dispatcher = plainAgent, signal, headersMs, idleMs }: Opening,
): Promise<Dispatcher.ResponseData> {
  const late = new AbortController()
  const reason = new DOMException('The headers of the answer took too long', 'TimeoutError')
  const timer = setTimeout(() => late.abort(reason), headersMs)
  const either = AbortSignal.any([signal, late.signal])
  try {
    const idle = idleMs === undefined ? {} : { headersTimeout: idleMs, bodyTimeout: idleMs }
    return await request(url, { method, headers, dispatcher, signal: either, ...idle })
  } finally {
    clearTimeout(timer)
  }
}

/** Room and time for a body that is not needed, so that its connection can be used again. */
const [discardBytes, discardMs] = [64 * 1024, 1000]

/** Lets a body go. One that is long or slow costs its connection. Never throws, because the status has decided. */
export async function discard(body: Dispatcher.ResponseData['body']): Promise<void> {
  const signal = AbortSignal.timeout(discardMs)
  await body.dump({ limit: discardBytes, signal }).catch(() => undefined)
}

/** The least that a body must bring, on average over each window of time spent waiting for it. */
export interface Pace {
  readonly windowMs: number
  /** In milliseconds, from a clock that does not jump. */
  readonly now: () => number
}
const leastBytesPerSecond = 1024

/**
 * Passes the chunks of a body on. The time that the reader takes between two chunks does not count.
 * @throws BodyTooSlow when a window of waiting brings less than 1 KiB for each of its seconds; what the body ends with
 */
export async function* paced(body: Readable, { windowMs, now }: Pace): AsyncGenerator<Buffer> {
  const least = (windowMs / 1000) * leastBytesPerSecond
  let [waitedMs, bytes, since] = [0, 0, now()]
  for await (const chunk of body as AsyncIterable<Buffer>) {
    waitedMs += now() - since
    bytes += chunk.length
    if (waitedMs >= windowMs) {
      if (bytes < least) throw new BodyTooSlow(bytes, waitedMs)
      waitedMs = 0
      bytes = 0
    }
    yield chunk
    since = now()
  }
}
