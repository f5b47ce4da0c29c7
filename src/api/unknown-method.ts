/**
 * Verbs Node's HTTP parser does not know (`FOO /v1/nodes`) never reach the application: the
 * parser reports them as a client error. Upstream answers them like any method a resource does
 * not have, so they are given to the application from here.
 */
import { STATUS_CODES, type Server } from 'node:http'
import type { Socket } from 'node:net'

type Fetch = (request: Request) => Response | Promise<Response>

interface ParserError extends Error {
  code?: string
  rawPacket?: Buffer
}

/** Answers unknown verbs with `fetch`, and what is not HTTP at all with 400. */
export function serveUnknownMethods(server: Server, fetch: Fetch): void {
  server.on('clientError', (error: ParserError, socket: Socket) => {
    void answer(error, socket, fetch)
  })
}

async function answer(error: ParserError, socket: Socket, fetch: Fetch): Promise<void> {
  const request = error.code === 'HPE_INVALID_METHOD' ? parseHead(error.rawPacket) : null
  if (!socket.writable) return
  if (request === null) {
    socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n')
    return
  }
  try {
    await write(socket, await fetch(request))
  } catch {
    // The client is gone: there is nobody left to tell.
    socket.destroy()
  }
}

function parseHead(packet: Buffer | undefined): Request | null {
  const [start = '', ...lines] =
    (packet?.toString('latin1') ?? '').split('\r\n\r\n', 1)[0]?.split('\r\n') ?? []
  const [, method, path] = /^([A-Z]{1,32}) (\/\S*) HTTP\/1\.[01]$/.exec(start) ?? []
  if (method === undefined || path === undefined) return null
  const headers = new Headers()
  for (const line of lines) {
    const colon = line.indexOf(':')
    if (/^[\w-]+$/.test(line.slice(0, colon)))
      headers.append(line.slice(0, colon), line.slice(colon + 1).trim())
  }
  return new Request(`http://${headers.get('host') ?? 'localhost'}${path}`, { method, headers })
}

async function write(socket: Socket, response: Response): Promise<void> {
  const body = Buffer.from(await response.arrayBuffer())
  const head = [`HTTP/1.1 ${response.status} ${STATUS_CODES[response.status] ?? ''}`]
  for (const [name, value] of response.headers) {
    if (name !== 'content-length') head.push(`${name}: ${value}`)
  }
  head.push(`Content-Length: ${body.length}`, 'Connection: close')
  socket.end(Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body]))
}
