/** Reading request bodies within limits (docs/reference/rest-api.md, sections 3.2 and 3.3). */
import { isUtf8 } from 'node:buffer'
import { randomUUID } from 'node:crypto'
import { Invalid, IronicError, RoutingError } from '../errors.js'
import { smallBody, type BodyLease } from './body-budget.js'
import type { Config } from '../config/index.js'
import { isObject } from './validation/json-schema.js'

/** Answered flat, before routing. */
export class BodyRefused extends IronicError {}

const contact = 'Please contact the service administrator.'
const tooLarge = () => new BodyRefused(`Request body is too large. ${contact}`, { status: 413 })

/** Largest body in bytes for a path. */
function sizeLimit(path: string, api: Config['api']): number {
  const bare = path.replace(/\/+$/, '')
  if (bare.endsWith('states/provision')) return api.max_json_body_size_provision * 1024
  if (bare.endsWith('continue_inspection')) return api.max_json_body_size_inspection * 1024
  return api.max_json_body_size * 1024
}

/**
 * The text of a request's body.
 * @param lease counts its bytes among all that are in flight
 * @throws BodyRefused 413 over the size, 400 over the depth; BodiesInFlight 503
 * @throws Invalid when it is not UTF-8
 */
export async function readBody(
  request: Request,
  path: string,
  api: Config['api'],
  lease: Pick<BodyLease, 'take'>,
): Promise<string> {
  if (request.method === 'GET' || request.method === 'HEAD') return ''
  const length = request.headers.get('content-length')
  if (length === null && request.body === null) return ''
  refuseCharset(request)
  const limit = sizeLimit(path, api)
  if (Number(length ?? 0) > limit) throw tooLarge()
  const text = decode(await received(bytesOf(request, { length, limit, lease })))
  if (isJson(request) && deeperThan(text, api.max_json_body_depth)) {
    throw new BodyRefused(`Request body JSON is nested too deeply. ${contact}`, { status: 400 })
  }
  return text
}

/** @throws RoutingError 400 for anything that is not UTF-8 or a part of it */
function refuseCharset(request: Request): void {
  const charset = /charset\s*=\s*"?([^\s;"]+)/i.exec(request.headers.get('content-type') ?? '')?.[1]
  if (charset !== undefined && !/^(utf-?8|us-ascii|ascii)$/i.test(charset)) {
    throw new RoutingError(400, 'Bad Request')
  }
}

export const isJson = (request: Request): boolean =>
  (request.headers.get('content-type') ?? '').toLowerCase().includes('json')

export const isForm = (request: Request): boolean =>
  (request.headers.get('content-type') ?? '').startsWith('application/x-www-form-urlencoded')

/** @throws BodyRefused 400 when the connection ends before the body does */
async function received(bytes: Promise<Uint8Array>): Promise<Uint8Array> {
  try {
    return await bytes
  } catch (cause) {
    if (cause instanceof IronicError) throw cause
    throw new BodyRefused('The request body ended early.', { status: 400, cause })
  }
}

interface Bounds {
  readonly length: string | null
  readonly limit: number
  readonly lease: Pick<BodyLease, 'take'>
}

/**
 * A small body with a length is that long, and needs no stream to count it. A large one is counted as it
 * arrives, so that an announcement alone takes no room.
 */
async function bytesOf(request: Request, bounds: Bounds): Promise<Uint8Array> {
  const { length, lease } = bounds
  if (length !== null && Number(length) <= smallBody) {
    lease.take(Number(length))
    return new Uint8Array(await request.arrayBuffer())
  }
  return request.body === null ? new Uint8Array() : await collect(request.body, bounds)
}

async function collect(
  body: ReadableStream<Uint8Array>,
  { limit, lease }: Bounds,
): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength
    if (size > limit) throw tooLarge()
    lease.take(chunk.byteLength)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** A byte order mark is no part of the text. */
function decode(bytes: Uint8Array): string {
  if (!isUtf8(bytes)) throw new Invalid('The request body is not valid UTF-8.')
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
  return text.startsWith('\uFEFF') ? text.slice(1) : text
}

/** Counts `{` and `[` outside strings, without parsing. */
function deeperThan(text: string, limit: number): boolean {
  let depth = 0
  let inString = false
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (inString) {
      if (c === 0x5c) i++
      else if (c === 0x22) inString = false
    } else if (c === 0x22) inString = true
    else if (c === 0x7b || c === 0x5b) {
      if (++depth > limit) return true
    } else if (c === 0x7d || c === 0x5d) depth--
  }
  return false
}

/**
 * Parses a body; empty means `{}` as upstream has it. `NaN` and `Infinity` are read, as Python
 * reads them, so that what is wrong beside them is named; `refuseNonFinite` keeps them out.
 * @throws Invalid 400; upstream fails with a 500 here (docs/differences.md)
 */
export function parseBody(text: string): unknown {
  if (text === '') return {}
  try {
    return JSON.parse(text) as unknown
  } catch (e) {
    const lenient = /NaN|Infinity/.test(text) ? parseConstants(text) : undefined
    if (lenient !== undefined) return lenient
    throw new Invalid(`The request body is not valid JSON: ${(e as Error).message}`, e)
  }
}

const constants = new Map([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
])

/** With the constants outside strings marked by a key no client sends. */
function parseConstants(text: string): unknown {
  const mark = `constant-${randomUUID()}`
  const marked = text.replace(/"(?:[^"\\]|\\.)*"|-?Infinity|NaN/g, (token) =>
    constants.has(token) ? `{"${mark}":"${token}"}` : token,
  )
  try {
    return JSON.parse(marked, (_key, value: unknown) =>
      isObject(value) && mark in value ? constants.get(String(value[mark])) : value,
    ) as unknown
  } catch {
    // Broken elsewhere too: the first error is the one to report.
    return undefined
  }
}

/** @throws Invalid 400 for a number JSON has no word for: it could not be answered again */
export function refuseNonFinite(value: unknown): void {
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new Invalid('The request body is not valid JSON: NaN and Infinity are no JSON numbers')
  }
  if (typeof value === 'object' && value !== null) {
    for (const member of Object.values(value)) refuseNonFinite(member)
  }
}
