/** Swift's object storage API, as much as keeping a small object for a while needs. */
import { request, type Dispatcher } from 'undici'
import { plainAgent } from '../../http.js'
import { tempUrl } from './temp-url.js'

/** Swift does not do its work, or refuses it (upstream's SwiftOperationError). */
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
  /** With version and account, as catalogues have it; null: nobody knows. */
  readonly endpoint: (signal: AbortSignal) => Promise<string | null>
  /** Null without Keystone. */
  readonly token: ((signal: AbortSignal) => Promise<string>) | null
  /** A token was refused. */
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
   * Stores an object, in a container that is made where there is none.
   * @param seconds after which Swift removes it
   * @throws SwiftError
   */
  store(object: SwiftObject, data: string, seconds: number, signal: AbortSignal): Promise<void>
  /** Removes an object; that it is not there is no error. @throws SwiftError */
  remove(object: SwiftObject, signal: AbortSignal): Promise<void>
  /**
   * A URL by which anybody may read the object.
   * @returns null when the account has no key to sign it with
   * @throws SwiftError
   */
  temporaryUrl(object: SwiftObject, expiresAt: Date, signal: AbortSignal): Promise<string | null>
}

export function createSwiftClient(options: SwiftOptions): SwiftClient {
  const ask = (call: Call, signal: AbortSignal) => renewing(options, call, signal)
  return {
    async store(object, data, seconds, signal) {
      const { container } = object
      await ask({ operation: 'put container', method: 'PUT', path: pathOf({ container }) }, signal)
      const headers = { 'X-Delete-After': String(seconds), 'Content-Type': 'text/plain' }
      const put = { operation: 'put object', method: 'PUT', path: pathOf(object) } as const
      await ask({ ...put, headers, body: data }, signal)
    },
    async remove(object, signal) {
      const path = pathOf(object)
      await ask({ operation: 'delete object', method: 'DELETE', path, absent: true }, signal)
    },
    async temporaryUrl(object, expiresAt, signal) {
      const account = { operation: 'head account', method: 'HEAD', path: '' } as const
      const { headers } = await ask(account, signal)
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
  /** What is not there is as good as done. */
  readonly absent?: boolean
}

/** Once more after a 401 for a token that has ended. */
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
  const found = await options.endpoint(signal)
  if (found !== null) return found.replace(/\/+$/, '')
  const what = 'no endpoint is known: set [swift] auth_url with credentials, or endpoint_override'
  throw new SwiftError(operation, what, null)
}

async function once(
  options: SwiftOptions,
  call: Call,
  signal: AbortSignal,
): Promise<{ headers: Headers }> {
  const { operation, method, path, body } = call
  const base = await baseOf(options, operation, signal)
  const token = await options.token?.(signal)
  const headers = { ...call.headers, ...(token === undefined ? {} : { 'X-Auth-Token': token }) }
  const response = await request(base + path, {
    method,
    headers,
    signal: AbortSignal.any([signal, AbortSignal.timeout(options.timeoutMs)]),
    ...(body === undefined ? {} : { body }),
    dispatcher: options.dispatcher ?? plainAgent,
  }).catch((cause: unknown) => {
    signal.throwIfAborted()
    throw new SwiftError(operation, `Swift at ${base} cannot be reached`, null, cause)
  })
  await response.body.dump()
  const { statusCode: status } = response
  if ((status >= 200 && status < 300) || (call.absent === true && status === 404)) return response
  throw new SwiftError(operation, `Swift answered ${status}`, status)
}
