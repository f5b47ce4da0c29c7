/** Swift's object storage API, as much as keeping a small object for a while needs. */
import type { Dispatcher } from 'undici'
import { exchange } from '../../http.js'
import { tempUrl } from './temp-url.js'

/** Swift cannot be reached, fails, or refuses a request (upstream's SwiftOperationError). */
export class SwiftError extends Error {
  readonly status: number | null
  constructor(operation: string, error: string, status: number | null, cause?: unknown) {
    super(
      `Swift operation '${operation}' failed: ${error}`,
      cause === undefined ? undefined : { cause },
    )
    this.status = status
  }
}

export interface SwiftOptions {
  /** With version and account, as catalogues have it; null when the configuration and the catalogue have none. */
  readonly endpoint: (signal: AbortSignal) => Promise<string | null>
  /** Null without Keystone. */
  readonly token: ((signal: AbortSignal) => Promise<string>) | null
  /** Drops a token that was refused. */
  readonly forgetToken: () => void
  readonly timeoutMs: number
  readonly dispatcher?: Dispatcher
}

export interface SwiftObject {
  readonly container: string
  readonly name: string
}

export interface SwiftClient {
  /**
   * Stores an object, and creates its container where it does not exist.
   * @param seconds after which Swift removes it
   * @throws SwiftError
   */
  store(object: SwiftObject, data: string, seconds: number, signal: AbortSignal): Promise<void>
  /** Removes an object; a missing one is not an error. @throws SwiftError */
  remove(object: SwiftObject, signal: AbortSignal): Promise<void>
  /**
   * Returns a URL that lets its bearer read the object.
   * @returns null when the account has no key to sign it with
   * @throws SwiftError
   */
  temporaryUrl(object: SwiftObject, expiresAt: Date, signal: AbortSignal): Promise<string | null>
}

export function createSwiftClient(options: SwiftOptions): SwiftClient {
  const send = (call: Call, signal: AbortSignal) => renewing(options, call, signal)
  return {
    async store(object, data, seconds, signal) {
      const { container } = object
      await send({ operation: 'put container', method: 'PUT', path: pathOf({ container }) }, signal)
      const headers = { 'X-Delete-After': String(seconds), 'Content-Type': 'text/plain' }
      const put = { operation: 'put object', method: 'PUT', path: pathOf(object) } as const
      await send({ ...put, headers, body: data }, signal)
    },
    async remove(object, signal) {
      const path = pathOf(object)
      await send({ operation: 'delete object', method: 'DELETE', path, absent: true }, signal)
    },
    async temporaryUrl(object, expiresAt, signal) {
      const account = { operation: 'head account', method: 'HEAD', path: '' } as const
      const { headers } = await send(account, signal)
      const key = keyOf(headers)
      if (key === null) return null
      const { origin, pathname } = new URL(await baseOf(options, account.operation, signal))
      const path = `${decodeURIComponent(pathname)}/${object.container}/${object.name}`
      return tempUrl({ endpoint: origin, path, key, expiresAt })
    },
  }
}

function pathOf({ container, name }: { container: string; name?: string }): string {
  const parts = name === undefined ? [container] : [container, name]
  return parts.map((part) => `/${encodeURIComponent(part)}`).join('')
}

type Headers = Readonly<Record<string, string | string[] | undefined>>

/** An account may have two keys, so that one can be changed while the other still signs. */
function keyOf(headers: Headers): string | null {
  for (const name of ['x-account-meta-temp-url-key', 'x-account-meta-temp-url-key-2']) {
    const value = headers[name]
    if (typeof value === 'string' && value !== '') return value
  }
  return null
}

interface Call {
  readonly operation: string
  readonly method: 'PUT' | 'DELETE' | 'HEAD'
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** A 404 counts as success. */
  readonly absent?: boolean
}

/** Repeats a request once after a 401 for an expired token. */
async function renewing(options: SwiftOptions, call: Call, signal: AbortSignal) {
  try {
    return await once(options, call, signal)
  } catch (error) {
    const expired = error instanceof SwiftError && error.status === 401 && options.token !== null
    if (!expired) throw error
    options.forgetToken()
    return await once(options, call, signal)
  }
}

async function baseOf(options: SwiftOptions, operation: string, signal: AbortSignal) {
  const endpoint = await options.endpoint(signal)
  if (endpoint !== null) return endpoint.replace(/\/+$/, '')
  const what = 'no endpoint is known: set [swift] auth_url with credentials, or endpoint_override'
  throw new SwiftError(operation, what, null)
}

/** Swift answers these requests with a line of text at most. */
const maxBytes = 1024 * 1024

async function once(
  options: SwiftOptions,
  call: Call,
  signal: AbortSignal,
): Promise<{ headers: Headers }> {
  const { operation, method, path, body } = call
  const base = await baseOf(options, operation, signal)
  const token = await options.token?.(signal)
  const headers = { ...call.headers, ...(token === undefined ? {} : { 'X-Auth-Token': token }) }
  const answer = await exchange(base + path, {
    method,
    headers,
    signal,
    timeoutMs: options.timeoutMs,
    maxBytes,
    ...(body === undefined ? {} : { body }),
    ...(options.dispatcher === undefined ? {} : { dispatcher: options.dispatcher }),
  }).catch((cause: unknown) => {
    signal.throwIfAborted()
    throw new SwiftError(operation, `Swift at ${base} cannot be reached`, null, cause)
  })
  const { status } = answer
  if ((status >= 200 && status < 300) || (call.absent === true && status === 404)) return answer
  throw new SwiftError(operation, `Swift answered ${status}`, status)
}
