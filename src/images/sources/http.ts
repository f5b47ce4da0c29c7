/** `http(s)://` images (`HttpImageService`). */
import { Readable } from 'node:stream'
import type { Dispatcher } from 'undici'
import { discard, open, paced } from '../../http.js'
import { ImageDownloadFailed, ImageRefValidationFailed } from '../errors.js'
import type { ImageContext } from '../context.js'
import { shownHref } from '../href.js'
import { mayAuthenticate } from './permitted-hosts.js'
import { webserverAgent, webserverHeadersMs } from './transport.js'
import type { ImageInfo, ImageSource, OpenOptions } from './types.js'

const mostRedirects = 10
const redirects = new Set([301, 302, 303, 307, 308])

type Response = Dispatcher.ResponseData
interface Outgoing {
  readonly method: 'GET' | 'HEAD'
  readonly headers: Record<string, string>
  readonly signal: AbortSignal
  /** Replaces the configured credentials. */
  readonly authorization?: string | undefined
}
interface Answer {
  readonly response: Response
  readonly url: string
}

export const httpSource = (ctx: ImageContext): ImageSource => ({
  async describe(href, signal) {
    const { response, url } = await send(ctx, href, { method: 'HEAD', headers: {}, signal })
    await discard(response.body)
    const folder = response.statusCode === 403 && href.endsWith('/')
    if (response.statusCode !== 200 && !folder) throw badStatus(href, response.statusCode, 'HEAD')
    return infoOf(response, url)
  },
  async open(href, options) {
    const headers = conditions(options)
    const { signal, authorization } = options
    const answer = await send(ctx, href, { method: 'GET', headers, signal, authorization })
    const { response, url } = answer
    if (response.statusCode === 304 && options.unless) {
      await discard(response.body)
      return null
    }
    const partial = response.statusCode === 206 && options.range !== undefined
    if (response.statusCode !== 200 && !partial) {
      await discard(response.body)
      throw badStatus(href, response.statusCode, 'GET')
    }
    const stream = imageStream(ctx, response.body, { id: shownHref(href), signal })
    return { ...infoOf(response, url), partial, stream }
  },
})

const badStatus = (href: string, status: number, method: string) =>
  new ImageRefValidationFailed(
    shownHref(href),
    `Got HTTP code ${status} instead of 200 in response to ${method} request.`,
  )

function conditions({ range, unless }: OpenOptions): Record<string, string> {
  // With a content coding, lengths and checksums would be those of the coded bytes.
  const headers: Record<string, string> = { 'accept-encoding': 'identity' }
  if (range !== undefined) headers['range'] = `bytes=${range.start}-${range.end ?? ''}`
  if (unless?.etag) headers['if-none-match'] = unless.etag
  else if (unless?.lastModified) headers['if-modified-since'] = unless.lastModified.toUTCString()
  return headers
}

/** Sends a request, follows redirects, and shows credentials only to the server they are meant for. */
async function send(ctx: ImageContext, href: string, outgoing: Outgoing): Promise<Answer> {
  const first = urlOf(href, href)
  const authorization = outgoing.authorization ?? basicAuth(ctx, href, first)
  let url = first
  for (let hop = 0; hop <= mostRedirects; hop++) {
    const own = url.origin === first.origin && authorization !== null
    const headers = own ? { ...outgoing.headers, authorization } : outgoing.headers
    const response = await once(ctx, url, href, { ...outgoing, headers })
    const next = redirects.has(response.statusCode) ? response.headers['location'] : undefined
    if (typeof next !== 'string') return { response, url: url.href }
    await discard(response.body)
    url = urlOf(next, href, url)
  }
  throw new ImageRefValidationFailed(shownHref(href), `More than ${mostRedirects} redirects.`)
}

async function once(
  ctx: ImageContext,
  url: URL,
  href: string,
  outgoing: Outgoing,
): Promise<Response> {
  const { method, headers, signal } = outgoing
  const connection = {
    dispatcher: webserverAgent(ctx),
    headersMs: webserverHeadersMs(ctx.config),
  }
  try {
    return await open(url, { method, headers, signal, ...connection })
  } catch (cause) {
    signal.throwIfAborted()
    throw new ImageRefValidationFailed(shownHref(href), reasonOf(cause), cause)
  }
}

function urlOf(text: string, href: string, base?: URL): URL {
  const url = URL.canParse(text, base?.href) ? new URL(text, base?.href) : null
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new ImageRefValidationFailed(
      shownHref(href),
      `It leads to ${shownHref(text)}, which is not http or https.`,
    )
  }
  return url
}

/** Of the reference itself, else of `[deploy] image_server_*`. */
function basicAuth(ctx: ImageContext, href: string, url: URL): string | null {
  const { deploy } = ctx.config
  const encode = (user: string, password: string) =>
    `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
  if (url.username !== '') {
    const auth = encode(decodeURIComponent(url.username), decodeURIComponent(url.password))
    url.username = ''
    url.password = ''
    return auth
  }
  if (deploy.image_server_auth_strategy !== 'http_basic') return null
  if (!mayAuthenticate(deploy, url.href)) return null
  const { image_server_user: user, image_server_password: password } = deploy
  if (user && password) return encode(user, password)
  const missing = [user ? '' : "'image_server_user'", password ? '' : "'image_server_password'"]
  throw new ImageRefValidationFailed(
    shownHref(href),
    `Missing [${missing.filter((name) => name !== '').join(', ')}] fields from HTTP(S) basic auth config`,
  )
}

function infoOf(response: Response, url: string): ImageInfo {
  const header = (name: string): string | null => {
    const value = response.headers[name]
    return typeof value === 'string' ? value : null
  }
  const modified = Date.parse(header('last-modified') ?? '')
  return {
    size: sizeOf(header('content-range'), header('content-length')),
    etag: strong(header('etag')),
    lastModified: Number.isNaN(modified) ? null : new Date(modified),
    contentType: header('content-type'),
    url,
    keep: (header('cache-control') ?? '').includes('no-store') ? 'never' : 'always',
    glance: null,
  }
}

function sizeOf(range: string | null, length: string | null): number | null {
  const text = range === null ? length : (/\/(\d+)$/.exec(range)?.[1] ?? null)
  return text !== null && Number.isSafeInteger(Number(text)) ? Number(text) : null
}

/** Weak validators do not promise the same bytes (RFC 9110, 8.8.1). */
const strong = (etag: string | null): string | null => (etag?.startsWith('W/') ? null : etag)

interface Transfer {
  /** Names the image in errors. */
  readonly id: string
  readonly signal: AbortSignal
}

/**
 * Returns the bytes of an image from a server, for a reader that may be slow.
 * @throws ImageDownloadFailed from the stream when the transfer is cut, or slower than 1 KiB/s for as long as
 *   `[DEFAULT] webserver_connection_timeout`
 */
export const imageStream = (ctx: ImageContext, body: Readable, transfer: Transfer): Readable =>
  Readable.from(chunksOf(ctx, body, transfer), { objectMode: false })

async function* chunksOf({ config }: ImageContext, body: Readable, { id, signal }: Transfer) {
  const windowMs = config.DEFAULT.webserver_connection_timeout * 1000
  try {
    yield* paced(body, { windowMs, now: () => performance.now() })
  } catch (cause) {
    signal.throwIfAborted()
    throw new ImageDownloadFailed(id, reasonOf(cause), cause)
  }
}

/** Returns the innermost text of a failed connection's error, because that names what happened. */
export function reasonOf(error: unknown): string {
  for (let e = error; e instanceof Error; e = e.cause) {
    if (e.cause === undefined && e.message !== '') return e.message
    if (e instanceof AggregateError && e.errors.length > 0) return reasonOf(e.errors[0])
    if (e.cause === undefined) return (e as NodeJS.ErrnoException).code ?? e.name
  }
  return String(error)
}
