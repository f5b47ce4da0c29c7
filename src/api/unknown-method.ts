/**
 * Requests whose method Node's HTTP parser does not accept (`FOO /v1/nodes`) never reach the
 * application: the parser reports them as a client error. Upstream answers them like any method
 * that a resource does not have, so this module passes them to the application.
 */
import { STATUS_CODES, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { background } from '../background.js'
import type { Logger } from '../log/logger.js'
import { authorityOf, isAuthority } from './default-host.js'

type Fetch = (request: Request) => Response | Promise<Response>

interface ParserError extends Error {
  code?: string
  rawPacket?: Buffer
}

/** The status Node itself answers for a parser error; every other error is 400. */
const parserStatus: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
}

/**
 * Answers unknown methods with `fetch`, and bytes that are not HTTP with 400. Nothing a client
 * sends makes it throw.
 */
export function serveUnknownMethods(server: Server, fetch: Fetch, log: Logger): void {
  const latest = new WeakMap<Socket, ServerResponse>()
  server.prependListener('request', (request, response) => latest.set(request.socket, response))
  server.on('clientError', (error: ParserError, socket: Socket) => {
    const pending = latest.get(socket)
    const isAnswering = pending !== undefined && !pending.writableFinished
    // Bytes written now would end up inside the response that is under way.
    if (!socket.writable || (isAnswering && pending.headersSent)) socket.destroy()
    else background(log, 'answer a malformed request', answer(error, socket, isAnswering, fetch))
  })
}

async function answer(
  error: ParserError,
  socket: Socket,
  isAnswering: boolean,
  fetch: Fetch,
): Promise<void> {
  const request = isAnswering ? null : requestOf(error, socket)
  if (request === null) {
    const status = parserStatus[error.code ?? ''] ?? 400
    socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\n\r\n`)
    return
  }
  try {
    await write(socket, await fetch(request))
  } catch (failure) {
    socket.destroy()
    throw failure
  }
}

/** The request with an unknown method; null for anything that is not such a request. */
function requestOf(error: ParserError, socket: Socket): Request | null {
  if (error.code !== 'HPE_INVALID_METHOD') return null
  try {
    return parseHead(error.rawPacket?.toString('latin1') ?? '', socket)
  } catch {
    // `Headers` and `Request` throw for the header values and hosts that they do not accept.
    return null
  }
}

/** RFC 9110, 5.6.2: the characters of a method and of a field name. */
const token = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]"
const requestLine = new RegExp(`^(${token}{1,32}) (/\\S*) HTTP/1\\.[01]$`)
const fieldName = new RegExp(`^${token}+$`)

/** @throws TypeError for a host or a header value that is not valid */
function parseHead(packet: string, socket: Socket): Request | null {
  const [start = '', ...lines] = packet.split('\r\n\r\n', 1)[0]?.split('\r\n') ?? []
  const [, method, path] = requestLine.exec(start) ?? []
  if (method === undefined || path === undefined) return null
  const headers = new Headers()
  for (const line of lines) {
    const name = line.slice(0, Math.max(0, line.indexOf(':')))
    if (!fieldName.test(name)) return null
    headers.append(name, line.slice(name.length + 1))
  }
  const scheme = socket instanceof TLSSocket ? 'https' : 'http'
  const host = headers.get('host') || authorityOf(socket)
  if (!isAuthority(host)) return null
  const request = new Request(`${scheme}://${host}${path}`, { headers })
  // `Request` refuses TRACK, and CONNECT and TRACE, which Node's parser accepts.
  Object.defineProperty(request, 'method', { value: method })
  return request
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
