import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { errorText } from '../../../error-text.js'
import { background } from '../../../background.js'
import type { ProcessContext } from '../../../process-context.js'
import type { IpmiInfo } from '../driver-info.js'
import { openLine, type ConsoleLine } from './line.js'
import { listen, type ConsoleServer, type ConsoleWhere } from './server.js'

/** What the drivers of 2015 had shellinabox for: a page with the console, and nothing else. */

const page = `<!doctype html><meta charset="utf-8"><title>Console</title>
<style>body{background:#111;color:#ddd;margin:0}pre{padding:1em;white-space:pre-wrap;font:14px monospace}</style>
<pre id="out" tabindex="0"></pre><script>
const out = document.getElementById('out'), text = new TextDecoder()
const strip = (s) => s.replace(/\\x1b\\[[0-9;?]*[A-Za-z]/g, '').replace(/\\r/g, '')
new EventSource('out').onmessage = (e) => {
  const bytes = Uint8Array.from(atob(e.data), (c) => c.charCodeAt(0))
  for (const c of strip(text.decode(bytes, { stream: true }))) {
    if (c === '\\b') out.textContent = out.textContent.slice(0, -1)
    else out.append(c)
  }
  scrollTo(0, document.body.scrollHeight)
}
const send = (s) => fetch('in', { method: 'POST', body: s })
const keys = { Enter: '\\r', Backspace: '\\x7f', Tab: '\\t', Escape: '\\x1b', ArrowUp: '\\x1b[A', ArrowDown: '\\x1b[B', ArrowRight: '\\x1b[C', ArrowLeft: '\\x1b[D' }
addEventListener('keydown', (e) => {
  const c = keys[e.key] ?? (e.key.length === 1 ? e.key : null)
  if (c === null || e.metaKey) return
  e.preventDefault()
  send(e.ctrlKey && /[a-z]/i.test(c) ? String.fromCharCode(c.toUpperCase().charCodeAt(0) - 64) : c)
})
addEventListener('paste', (e) => send(e.clipboardData.getData('text')))
</script>`

const mostInput = 64 * 1024

export interface WebConsole extends ConsoleServer {
  /** Whoever knows it may use the console. */
  readonly path: string
}

/**
 * Opens an HTTP port with a page that shows the console, under a path nobody can guess.
 * @throws the system's error when the port cannot be had
 */
export async function serveWebConsole(
  ctx: ProcessContext,
  info: IpmiInfo,
  where: ConsoleWhere,
): Promise<WebConsole> {
  const path = `/${randomBytes(16).toString('hex')}/`
  const line = new SharedLine(ctx, info)
  const server = createServer((request, response) => {
    const url = request.url ?? ''
    if (url === path) response.setHeader('Content-Type', 'text/html').end(page)
    else if (url === `${path}out`) line.watch(response)
    else if (url === `${path}in` && request.method === 'POST') {
      background(ctx.log.console, 'type on a console', typeBody(line, request, response))
    } else response.writeHead(404).end()
  })
  await listen(server, where)
  return {
    port: where.port,
    path,
    close: async () => {
      await line.close()
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

async function typeBody(
  line: SharedLine,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await readBody(request)
  if (body === null) response.writeHead(413).end()
  else await line.type(body, response)
}

/** The whole body; null when it is too large or the client closed the connection. */
async function readBody(request: IncomingMessage): Promise<Buffer | null> {
  const parts: Buffer[] = []
  let size = 0
  try {
    for await (const part of request as AsyncIterable<Buffer>) {
      size += part.length
      if (size > mostInput) return null
      parts.push(part)
    }
    return Buffer.concat(parts)
  } catch {
    return null
  }
}

/** The line is open while at least one page looks at it. */
class SharedLine {
  readonly #ctx: ProcessContext
  readonly #info: IpmiInfo
  readonly #watchers = new Set<ServerResponse>()
  readonly #stop = new AbortController()
  #line: Promise<ConsoleLine> | null = null

  constructor(ctx: ProcessContext, info: IpmiInfo) {
    this.#ctx = ctx
    this.#info = info
  }

  watch(response: ServerResponse): void {
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' })
    response.flushHeaders()
    this.#watchers.add(response)
    response.once('close', () => {
      this.#watchers.delete(response)
      if (this.#watchers.size === 0) this.#releaseLater()
    })
    this.#line ??= this.#open()
    this.#line.catch((error: unknown) => {
      this.#line = null
      this.#say(Buffer.from(`[${errorText(error)}]\r\n`))
    })
  }

  async type(bytes: Buffer, response: ServerResponse): Promise<void> {
    const line = await this.#line?.catch(() => null)
    line?.write(bytes)
    response.writeHead(line === null || line === undefined ? 409 : 204).end()
  }

  async close(): Promise<void> {
    this.#stop.abort()
    const watchers = [...this.#watchers]
    // A write after `end` is an error event without a listener, so the set is cleared first.
    this.#watchers.clear()
    for (const response of watchers) response.end()
    await this.#release()
  }

  #open(): Promise<ConsoleLine> {
    const handlers = {
      data: (bytes: Buffer) => this.#say(bytes),
      ended: (error: Error) => {
        this.#say(Buffer.from(`\r\n[${error.message}]\r\n`))
        this.#releaseLater()
      },
    }
    return openLine(this.#ctx, this.#info, handlers, this.#stop.signal)
  }

  #say(bytes: Buffer): void {
    for (const response of this.#watchers) response.write(`data: ${bytes.toString('base64')}\n\n`)
  }

  #releaseLater(): void {
    background(this.#ctx.log.console, 'close a console', this.#release())
  }

  async #release(): Promise<void> {
    const opening = this.#line
    this.#line = null
    try {
      await (await opening)?.close()
    } catch (error) {
      this.#ctx.log.console.debug({ error }, 'a console was not closed properly; it ends by itself')
    }
  }
}
