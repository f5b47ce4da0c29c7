/** Glance's Image API v2, as much as deploying images needs. */
import type { Readable } from 'node:stream'
import type { Dispatcher } from 'undici'
import { deadline, discard, open, readBounded } from '../../http.js'

/** An image as Glance describes it, with the properties that its owner gave it. */
export interface GlanceImage {
  readonly id: string
  readonly status: string
  readonly size: number | null
  readonly disk_format: string | null
  readonly container_format: string | null
  readonly checksum?: string | null
  readonly os_hash_algo?: string | null
  readonly os_hash_value?: string | null
  readonly updated_at?: string
  readonly tags?: readonly string[]
  readonly [property: string]: unknown
}

/** Glance cannot be reached, fails, or refuses a request. */
export class GlanceError extends Error {
  readonly status: number | null
  constructor(message: string, status: number | null, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.status = status
  }
}

export interface GlanceOptions {
  readonly endpoint: (signal: AbortSignal) => Promise<string>
  /** Null without Keystone. */
  readonly token: ((signal: AbortSignal) => Promise<string>) | null
  /** Drops a token that was refused. */
  readonly forgetToken: () => void
  /** Of a silence; the description of an image may take twice as long. */
  readonly idleTimeoutMs: number
  readonly retries: number
  readonly dispatcher?: Dispatcher
}

export interface GlanceData {
  readonly stream: Readable
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

export interface GlanceClient {
  /** @throws GlanceError, with status 404 when there is no such image */
  show(id: string, signal: AbortSignal): Promise<GlanceImage>
  /** The content; `range` in the form of a Range header. @throws GlanceError */
  download(id: string, signal: AbortSignal, range?: string): Promise<GlanceData>
}

export function createGlanceClient(options: GlanceOptions): GlanceClient {
  return {
    async show(id, signal) {
      const path = `/v2/images/${encodeURIComponent(id)}`
      return retrying(options, signal, async () => {
        const limit = deadline(signal, options.idleTimeoutMs * 2)
        return imageIn((await once(options, path, {}, limit)).body)
      })
    },
    async download(id, signal, range) {
      const headers: Record<string, string> = range === undefined ? {} : { range }
      const path = `/v2/images/${encodeURIComponent(id)}/file`
      const response = await retrying(options, signal, () => once(options, path, headers, signal))
      const { body: stream, statusCode: status } = response
      return { stream, status, headers: response.headers }
    },
  }
}

/** Room for an image with thousands of properties. */
const maxImageBytes = 4 * 1024 * 1024

async function imageIn(body: AsyncIterable<Buffer>): Promise<GlanceImage> {
  try {
    return JSON.parse((await readBounded(body, maxImageBytes)).toString()) as GlanceImage
  } catch (cause) {
    throw new GlanceError('Glance answered with something other than an image', null, cause)
  }
}

/** Repeats an attempt that got no whole answer or a 5xx, and once one that got a 401 for an expired token. */
async function retrying<T>(
  options: GlanceOptions,
  signal: AbortSignal,
  attempt: () => Promise<T>,
): Promise<T> {
  let renewed = false
  for (let left = options.retries; ;) {
    try {
      return await attempt()
    } catch (error) {
      signal.throwIfAborted()
      if (!(error instanceof GlanceError)) throw error
      const expired = error.status === 401 && options.token !== null && !renewed
      if (expired) {
        renewed = true
        options.forgetToken()
      } else if (left-- <= 0 || (error.status !== null && error.status < 500)) {
        throw error
      }
    }
  }
}

async function once(
  options: GlanceOptions,
  path: string,
  extra: Record<string, string>,
  signal: AbortSignal,
) {
  const base = (await options.endpoint(signal)).replace(/\/+$/, '').replace(/\/v2$/, '')
  const token = await options.token?.(signal)
  const headers = { ...extra, ...(token === undefined ? {} : { 'X-Auth-Token': token }) }
  const response = await open(base + path, {
    headers,
    signal,
    headersMs: options.idleTimeoutMs * 2,
    idleMs: options.idleTimeoutMs,
    ...(options.dispatcher === undefined ? {} : { dispatcher: options.dispatcher }),
  }).catch((cause: unknown) => {
    throw new GlanceError(`Glance at ${base} cannot be reached`, null, cause)
  })
  const { statusCode } = response
  if (statusCode === 200 || statusCode === 206) return response
  await discard(response.body)
  throw new GlanceError(`Glance answered ${statusCode}`, statusCode)
}
