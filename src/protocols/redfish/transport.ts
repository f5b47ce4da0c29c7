import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { Client, Pool, type Dispatcher } from 'undici'
import { readBounded } from '../../http.js'
import { ConnectionFailed } from './errors.js'

/** TLS, time limits, connections and sizes of the HTTP under Redfish. */
export interface TransportOptions {
  /** Scheme and authority of every request. */
  readonly origin: string
  /** False accepts every certificate. A path names the CA bundle, or a directory of them, to trust. */
  readonly verify: boolean | string
  readonly tlsMinimum: '1.1' | '1.2' | '1.3' | null
  readonly tlsCiphers: string | null
  readonly connectTimeoutMs: number
  readonly readTimeoutMs: number
  /** Connections kept for reading; each change uses one of its own. */
  readonly connections: number
  readonly maxAnswerBytes: number
}

export interface RawRequest {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  readonly signal: AbortSignal
}
export interface RawAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** Parsed JSON; null for any other body. */
  readonly json: unknown
}

const unreached = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
])
const tlsCode = /^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|ERR_OSSL|HOSTNAME_)/

export class Transport {
  readonly #options: TransportOptions
  readonly #dispatch: Client.Options
  readonly #reading: Pool

  constructor(options: TransportOptions) {
    this.#options = options
    this.#dispatch = clientOptions(options)
    this.#reading = new Pool(options.origin, {
      ...this.#dispatch,
      connections: options.connections,
    })
  }

  /**
   * Sends one request and returns its answer, whatever its status. Redirects are answers like others.
   * @throws ConnectionFailed; the signal's reason when it was aborted
   */
  async send(request: RawRequest): Promise<RawAnswer> {
    if (request.method === 'GET') return await this.#exchange(this.#reading, request)
    // On a connection that the service just closed it would be unclear whether a change was made.
    const own = new Client(this.#options.origin, this.#dispatch)
    try {
      return await this.#exchange(own, request)
    } finally {
      await own.destroy()
    }
  }

  async close(): Promise<void> {
    await this.#reading.destroy()
  }

  async #exchange(dispatcher: Dispatcher, request: RawRequest): Promise<RawAnswer> {
    const { method, path, headers, body, signal } = request
    try {
      const answer = await dispatcher.request({
        method,
        path,
        headers,
        signal,
        ...(body === undefined ? {} : { body }),
      })
      const bytes = await readBounded(answer.body, this.#options.maxAnswerBytes)
      const flat = flatten(answer.headers)
      const text = unpack(bytes, flat['content-encoding'], this.#options.maxAnswerBytes)
      return { status: answer.statusCode, headers: flat, json: parse(text) }
    } catch (error) {
      signal.throwIfAborted()
      throw this.#failed(path, error)
    }
  }

  #failed(path: string, error: unknown): ConnectionFailed {
    const { code } = error as { code?: unknown }
    const name = typeof code === 'string' ? code : ''
    const text = error instanceof Error && error.message !== '' ? error.message : name
    const lasting = tlsCode.test(name)
    return new ConnectionFailed(`${this.#options.origin}${path}`, text || 'connection failed', {
      notSent: unreached.has(name) || lasting,
      lasting,
      cause: error,
    })
  }
}

function clientOptions(options: TransportOptions): Client.Options {
  return {
    allowH2: false,
    connect: { timeout: options.connectTimeoutMs, ...tlsOptions(options) },
    headersTimeout: options.readTimeoutMs,
    bodyTimeout: options.readTimeoutMs,
    maxResponseSize: options.maxAnswerBytes,
    pipelining: 1,
    // Some BMCs keep a worker for each open connection.
    keepAliveTimeout: 2000,
    keepAliveMaxTimeout: 5000,
  }
}

function tlsOptions(options: TransportOptions): Record<string, unknown> {
  return {
    ...(options.verify === false ? { rejectUnauthorized: false } : {}),
    ...(typeof options.verify === 'string' ? { ca: readCa(options.verify) } : {}),
    ...(options.tlsMinimum === null ? {} : { minVersion: `TLSv${options.tlsMinimum}` }),
    ...(options.tlsCiphers === null ? {} : { ciphers: options.tlsCiphers }),
  }
}

function readCa(path: string): string[] {
  if (!statSync(path).isDirectory()) return [readFileSync(path, 'utf8')]
  const files = readdirSync(path, { withFileTypes: true }).filter((e) => !e.isDirectory())
  const texts = files.map((entry) => readFileSync(join(path, entry.name), 'utf8'))
  return texts.filter((pem) => pem.includes('BEGIN CERTIFICATE'))
}

/** Some services compress large answers although the request accepts none compressed. */
function unpack(bytes: Buffer, encoding: string | undefined, maxOutputLength: number): string {
  if (encoding === 'gzip' && bytes.length > 0)
    return gunzipSync(bytes, { maxOutputLength }).toString()
  return bytes.toString('utf8')
}

/** An answer may be empty, or HTML from a web server in front. */
function parse(body: string): unknown {
  try {
    return body === '' ? null : (JSON.parse(body) as unknown)
  } catch {
    return null
  }
}

function flatten(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const pairs = Object.entries(headers).filter(([, value]) => value !== undefined)
  return Object.fromEntries(pairs.map(([name, value]) => [name, String(value)]))
}
