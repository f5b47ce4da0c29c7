import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { finished } from 'node:stream/promises'
import { background } from '../background.js'
import { resolveBootFile } from './boot-files.js'
import type { BootFile } from './boot-files.js'
import { readRange } from './http-range.js'
import type { NetbootContext } from './machines.js'
import type { BootReport } from './boot-event.js'
import { sendFile } from './send-file.js'
import { siteAt } from './site.js'

export interface BootHttp {
  readonly port: number
  close(): Promise<void>
}

export interface BootHttpOptions {
  /** Default: every address. */
  readonly host?: string
  readonly port: number
  readonly report: BootReport
}

/** A connection is closed when its client has taken no byte for this long. */
const idleMs = 120_000
const plainMac = /^(?:::ffff:)?/

/**
 * Starts HTTP for machines that boot: scripts, boot programs, kernels, images. GET and HEAD only.
 * @throws the system's error when the port cannot be bound
 */
export async function startBootHttp(
  ctx: NetbootContext,
  options: BootHttpOptions,
): Promise<BootHttp> {
  const stopping = new AbortController()
  const server = createServer((request, response) => {
    const exchange = { request, response, stopping: stopping.signal }
    background(ctx.log.boot, 'answer a boot request', answer(ctx, options.report, exchange))
  })
  server.timeout = idleMs
  await listening(server, options)
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      stopping.abort(new Error('the server stops'))
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function listening(server: Server, { host, port }: BootHttpOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly stopping: AbortSignal
}

/** Turns every failure into an answer or the end of the connection, and reports it. */
async function answer(ctx: NetbootContext, report: BootReport, exchange: Exchange): Promise<void> {
  const { request, response } = exchange
  const path = pathOf(request)
  const address = (request.socket.remoteAddress ?? '').replace(plainMac, '')
  let node: string | null = null
  let outcome = 'done'
  try {
    const file = path === null ? null : await find(ctx, exchange, path)
    node = file?.machine?.uuid ?? null
    await send(exchange, file)
  } catch (error) {
    outcome = 'failed'
    if (!response.headersSent) plain(response, 502, 'the file could not be fetched')
    response.destroy()
    ctx.log.boot.warn({ error, path, node }, 'a machine was not served')
  }
  const { statusCode: status } = response
  if (outcome === 'done' && status >= 400) outcome = 'refused'
  const summary = `HTTP ${request.method} ${path ?? request.url}: ${status}${outcome === 'failed' ? ', failed' : ''}`
  report({ protocol: 'http', node, address, summary, path, status, outcome })
}

async function find(ctx: NetbootContext, { request, response, stopping }: Exchange, path: string) {
  const gone = new AbortController()
  response.once('close', () => gone.abort(new Error('the machine closed the connection')))
  const signal = AbortSignal.any([stopping, gone.signal])
  const own = (request.socket.localAddress ?? '').replace(plainMac, '')
  const site = siteAt(ctx.config, own)
  return resolveBootFile(ctx, { path, site, signal })
}

/** The decoded path; null when its percent encoding is invalid. */
function pathOf({ url = '' }: IncomingMessage): string | null {
  const raw = url.replace(/^https?:\/\/[^/]*/, '').split(/[?#]/)[0] ?? ''
  try {
    return decodeURIComponent(raw)
  } catch {
    return null
  }
}

async function send({ request, response }: Exchange, file: BootFile | null): Promise<void> {
  const content = file?.content
  try {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD')
      plain(response, 405, 'only GET and HEAD are served')
    } else if (content === undefined) {
      plain(response, 404, 'not found')
    } else {
      await sendContent(request, response, content)
    }
    await finished(response)
  } finally {
    if (content !== undefined && !Buffer.isBuffer(content)) await content.release()
  }
}

function plain(response: ServerResponse, status: number, text: string): void {
  response.statusCode = status
  response.setHeader('Content-Type', 'text/plain')
  response.end(`${text}\n`)
}

async function sendContent(
  request: IncomingMessage,
  response: ServerResponse,
  content: BootFile['content'],
): Promise<void> {
  const size = Buffer.isBuffer(content) ? content.length : content.size
  const range = readRange(request.headers.range, size)
  response.setHeader('Accept-Ranges', 'bytes')
  response.setHeader('Content-Type', typeOf(request.url ?? ''))
  if (!Buffer.isBuffer(content)) response.setHeader('Last-Modified', content.modified.toUTCString())
  if (range.kind === 'unsatisfiable') {
    response.setHeader('Content-Range', `bytes */${size}`)
    return plain(response, 416, 'the range is beyond the end of the file')
  }
  const { first, last } = range.kind === 'part' ? range : { first: 0, last: size - 1 }
  if (range.kind === 'part') {
    response.statusCode = 206
    response.setHeader('Content-Range', `bytes ${first}-${last}/${size}`)
  }
  response.setHeader('Content-Length', last - first + 1)
  if (request.method === 'HEAD' || size === 0) response.end()
  else if (Buffer.isBuffer(content)) response.end(content.subarray(first, last + 1))
  else await sendFile(response, content.file, first, last)
}

/** UEFI HTTP boot looks at the type when the URL does not end in `.efi` or `.iso`. */
const typeOf = (url: string): string => {
  const path = url.split(/[?#]/)[0]?.toLowerCase() ?? ''
  if (path.endsWith('.efi')) return 'application/efi'
  if (path.endsWith('.iso')) return 'application/vnd.efi-iso'
  return 'application/octet-stream'
}
