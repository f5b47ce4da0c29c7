import type { Clock } from '../../clock.js'
import { Authenticator, type Credentials, type PlainSend } from './auth.js'
import { AccessDenied, ConnectionFailed, faultOf, HttpFault } from './errors.js'
import { pathOf, withoutSlash } from './paths.js'
import { waitBeforeRetry } from './retry.js'
import { Transport, type RawAnswer, type TransportOptions } from './transport.js'

export type Priority = 'verb' | 'request' | 'poll'
/** On whose behalf a request is made. */
export interface Call {
  readonly signal: AbortSignal
  readonly priority: Priority
}
export interface ClientOptions extends TransportOptions {
  readonly credentials: Credentials
  /** Path of the service root. */
  readonly rootPath: string
  /** How often a request is sent at most, and the pause between two. */
  readonly attempts: number
  readonly retryIntervalMs: number
  readonly clock: Clock
  /** Runs each exchange when it is this client's turn. */
  readonly gate: <T>(call: Call, work: (signal: AbortSignal) => Promise<T>) => Promise<T>
}

/** A resource as it was read. */
export interface Document {
  readonly path: string
  readonly json: unknown
  readonly etag: string | null
}
export interface Answer extends RawAnswer {
  /** The monitor of the task that the service began (202), if any. */
  readonly monitor: string | null
}
type Headers = Readonly<Record<string, string>>

/**
 * A client of one Redfish service (DSP0266). It logs in by itself, and again when its session is
 * gone. Reading is repeated when the way or the service fails; a change is repeated only when the
 * service certainly did not take it up.
 */
export class RedfishClient {
  readonly #options: ClientOptions
  readonly #transport: Transport
  readonly #auth: Authenticator
  #root: Promise<Document> | null = null

  constructor(options: ClientOptions) {
    this.#options = options
    this.#transport = new Transport(options)
    this.#auth = new Authenticator(options.credentials)
  }

  get origin(): string {
    return this.#options.origin
  }
  get clock(): Clock {
    return this.#options.clock
  }

  /** The service root, read once. @throws BmcError */
  async root(call: Call): Promise<Document> {
    this.#root ??= this.#readRoot(call).catch((error: unknown) => {
      this.#root = null
      throw error
    })
    return await this.#root
  }

  /** Reads a resource. @throws BmcError */
  async get(call: Call, path: string): Promise<Document> {
    return toDocument(path, await this.#ask(call, 'GET', path))
  }

  /** The answer of any request, with its status and headers. @throws BmcError */
  async request(
    call: Call,
    method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
    path: string,
    body?: unknown,
    headers: Headers = {},
  ): Promise<Answer> {
    const answer = await this.#ask(call, method, path, body, headers)
    const location = answer.headers['location']
    const task = answer.status === 202 ? (location ?? taskLink(answer.json)) : null
    return { ...answer, monitor: task === null ? null : pathOf(task) }
  }

  /**
   * Changes a resource that was read. One that changed since (412) is read again and the change
   * sent once more; services whose tags never match get it without.
   * @throws BmcError
   */
  async patch(call: Call, document: Document, body: unknown): Promise<Answer> {
    try {
      return await this.request(call, 'PATCH', document.path, body, ifMatch(document.etag))
    } catch (error) {
      if (!isStale(error) || document.etag === null) throw error
    }
    const fresh = await this.get(call, document.path)
    try {
      return await this.request(call, 'PATCH', document.path, body, ifMatch(strong(fresh.etag)))
    } catch (error) {
      if (!isStale(error)) throw error
    }
    return await this.request(call, 'PATCH', document.path, body)
  }

  /** Ends the session and the connections. */
  async close(call: Call): Promise<void> {
    try {
      await this.#auth.close((method, path, headers) => this.#once(call, { method, path, headers }))
    } finally {
      await this.#transport.close()
    }
  }

  async #readRoot(call: Call): Promise<Document> {
    const path = `${withoutSlash(this.#options.rootPath)}/`
    const read = (headers: Headers) =>
      this.#patiently(call, 'GET', () => this.#once(call, { method: 'GET', path, headers }))
    try {
      return toDocument(path, await read({}))
    } catch (error) {
      if (!(error instanceof AccessDenied)) throw error
      return toDocument(path, await read(this.#auth.basic()))
    }
  }

  async #ask(
    call: Call,
    method: string,
    path: string,
    body?: unknown,
    headers: Headers = {},
  ): Promise<RawAnswer> {
    const root = await this.root(call)
    const logIn: PlainSend = (verb, where, own, content) =>
      this.#patiently(call, verb, () =>
        this.#once(call, { method: verb, path: where, headers: own, body: content }),
      )
    return await this.#patiently(call, method, async () => {
      for (let again = false; ; again = true) {
        const auth = await this.#auth.headers(root.json, this.#options.rootPath, logIn)
        try {
          return await this.#once(call, { method, path, body, headers: { ...headers, ...auth } })
        } catch (error) {
          if (again || !(error instanceof AccessDenied) || !this.#auth.refused(auth)) throw error
        }
      }
    })
  }

  /** Repeats what may be repeated; see `retry.ts`. */
  async #patiently(call: Call, method: string, send: () => Promise<RawAnswer>): Promise<RawAnswer> {
    const { attempts, retryIntervalMs, clock } = this.#options
    for (let attempt = 1; ; attempt++) {
      try {
        return await send()
      } catch (error) {
        const wait = waitBeforeRetry(error, method, retryIntervalMs)
        if (wait === null || attempt >= attempts) throw error
        await clock.sleep(wait, call.signal)
      }
    }
  }

  /** One exchange in its turn, bounded in time. @throws BmcError */
  async #once(
    call: Call,
    request: { method: string; path: string; headers: Headers; body?: unknown },
  ): Promise<RawAnswer> {
    const { method, body } = request
    const path = pathOf(request.path)
    const answer = await this.#options.gate(call, async (signal) => {
      const limit = AbortSignal.timeout(
        this.#options.connectTimeoutMs + 2 * this.#options.readTimeoutMs,
      )
      try {
        return await this.#follow({
          method,
          path,
          headers: { ...standing, ...(body === undefined ? {} : json), ...request.headers },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
          signal: AbortSignal.any([signal, limit]),
        })
      } catch (error) {
        if (!limit.aborted || signal.aborted) throw error
        throw new ConnectionFailed(`${this.origin}${path}`, 'the answer took too long')
      }
    })
    if (answer.status < 400) return answer
    throw this.#fault(method, path, answer)
  }

  /** Reading follows a redirect within the service (`/redfish/v1` to `/redfish/v1/`). */
  async #follow(request: Parameters<Transport['send']>[0]): Promise<RawAnswer> {
    let { path } = request
    for (let hops = 0; ; hops++) {
      const answer = await this.#transport.send({ ...request, path })
      if (answer.status < 300 || answer.status >= 400 || answer.status === 304) return answer
      const target = new URL(answer.headers['location'] ?? '', `${this.origin}${path}`)
      if (request.method !== 'GET' || hops >= 3 || target.origin !== new URL(this.origin).origin) {
        throw new ConnectionFailed(`${this.origin}${path}`, 'the service redirects elsewhere')
      }
      path = `${target.pathname}${target.search}`
    }
  }

  #fault(method: string, path: string, answer: RawAnswer): HttpFault {
    const after = Number(answer.headers['retry-after'])
    return faultOf({
      method,
      url: `${this.origin}${path}`,
      status: answer.status,
      body: this.#redacted(answer.json),
      retryAfter: Number.isFinite(after) && after >= 0 ? after : null,
    })
  }

  /** Services that repeat a refused request in their error would show our password. */
  #redacted(body: unknown): unknown {
    const { password } = this.#options.credentials
    if (password === null || password === '' || body === null) return body
    return JSON.parse(JSON.stringify(body), (_key, value: unknown) =>
      typeof value === 'string' ? value.replaceAll(password, '******') : value,
    )
  }
}

const standing: Headers = {
  Accept: 'application/json',
  'OData-Version': '4.0',
  // Compressed answers get weak tags, which some services then do not match.
  'Accept-Encoding': 'identity',
}
const json: Headers = { 'Content-Type': 'application/json' }

const isStale = (error: unknown): boolean => error instanceof HttpFault && error.status === 412
const ifMatch = (etag: string | null): Headers => (etag === null ? {} : { 'If-Match': etag })
const strong = (etag: string | null): string | null => etag?.replace(/^W\//, '') ?? null

function toDocument(path: string, answer: RawAnswer): Document {
  const tag = (answer.json as { '@odata.etag'?: unknown } | null)?.['@odata.etag']
  const etag = answer.headers['etag'] ?? (typeof tag === 'string' ? tag : null)
  return { path: pathOf(path), json: answer.json, etag: etag === '' ? null : etag }
}

function taskLink(body: unknown): string | null {
  const link = (body as { '@odata.id'?: unknown } | null)?.['@odata.id']
  return typeof link === 'string' ? link : null
}
