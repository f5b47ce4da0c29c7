/** The HTTP application: what happens to every request, in order. */
import { Hono, type Context } from 'hono'
import type { AppContext } from '../context.js'
import { fromUnknown, InvalidScope, RoutingError, type IronicError } from '../errors.js'
import { checkAccept } from './accept.js'
import type { Authenticate } from './auth/authenticator.js'
import { isPublicPath } from './auth/public-paths.js'
import { AuthRefused } from './auth/refused.js'
import { BodyBudget, type BodyLease, type BodySender } from './body-budget.js'
import { BodyRefused, readBody } from './body.js'
import { addressOf, Client, type Wire } from './client.js'
import { mountContractPages } from './contract-pages.js'
import type { Contract } from './contract/load.js'
import { createDispatcher, newRequestId, type Dispatcher } from './dispatch.js'
import { faultBody, flatFault, type Asked } from './faults.js'
import { mountHealth } from './health.js'
import { withWorkIds } from '../log/ids.js'
import { noauthContext } from './policy/noauth.js'
import type { AuthContext } from './policy/types.js'
import { requestSeconds } from '../metrics.js'
import type { Answer } from './request.js'
import { routes } from './v1/routes.js'
import { negotiate, versionHeader, versionHeaders, VersionRefused } from './versioning.js'

export interface ApiOptions {
  readonly authenticate?: Authenticate
  /** Serves these paths and nothing else, pages and health included. */
  readonly only?: (path: string) => boolean
  /** Shared by all listeners of a process; one of its own unless given. */
  readonly bodies?: BodyBudget
}

/**
 * Builds the application.
 * @param contract compiled `openapi/` documents
 */
export function createApi(ctx: AppContext, contract: Contract, options: ApiOptions = {}): Hono {
  const dispatch = createDispatcher(ctx, contract, routes)
  const authenticate = options.authenticate ?? (() => Promise.resolve(noauthContext))
  const app = new Hono()
  const { only } = options
  if (only === undefined) {
    mountContractPages(app, contract)
    mountHealth(app, ctx, authenticate)
  } else {
    app.use((c, next) => (only(target(c).path) ? next() : Promise.resolve(notServed(c.req.raw))))
  }
  const bodies = options.bodies ?? new BodyBudget()
  app.all('*', (c) => serve({ ctx, dispatch, authenticate, bodies }, c))
  return app
}

const asker = (request: Request): Asked => ({
  method: request.method,
  accept: request.headers.get('accept'),
})

const notServed = (request: Request): Response =>
  new Response(faultBody(new RoutingError(404, 'Not Found'), asker(request)), {
    status: 404,
    headers: { 'Content-Type': 'application/json' },
  })

const absoluteUri = 'Absolute URI not allowed if server is not a proxy.'

/**
 * Path and query as they stand on the wire: the URL of the request is normalised, so that
 * `/v1/..` would have become `/`.
 */
function target(c: Context): { path: string; search: string } {
  const raw = wireOf(c)?.incoming?.url ?? withoutOrigin(c.req.raw.url)
  const mark = raw.indexOf('?')
  return mark < 0
    ? { path: raw, search: '' }
    : { path: raw.slice(0, mark), search: raw.slice(mark) }
}

const wireOf = (c: Context) => c.env as Wire | undefined

function withoutOrigin(text: string): string {
  const url = new URL(text)
  return `${url.pathname}${url.search}`
}

/** Clients keep to one address, so the last one is remembered. */
let lastOrigin = { of: '', is: '' }

/** Scheme and host of a URL. */
function originOf(url: string): string {
  const end = url.indexOf('/', url.indexOf('//') + 2)
  const of = end < 0 ? url : url.slice(0, end)
  if (of !== lastOrigin.of) lastOrigin = { of, is: new URL(of).origin }
  return lastOrigin.is
}

/** The first version in which `.json` belongs to a name. */
const JSON_SUFFIX_ENDS = 91

interface Serving {
  readonly ctx: AppContext
  readonly dispatch: Dispatcher
  readonly authenticate: Authenticate
  readonly bodies: BodyBudget
}

/** What becomes known about a request while it is served. */
interface Trace {
  readonly requestId: string
  headers: Record<string, string>
  operation?: string
}

async function serve(serving: Serving, c: Context): Promise<Response> {
  const requestId = newRequestId()
  return await withWorkIds({ requestId }, () => serveTraced(serving, c, { requestId, headers: {} }))
}

async function serveTraced(serving: Serving, c: Context, trace: Trace): Promise<Response> {
  const { ctx } = serving
  const request = c.req.raw
  if (request.method === 'OPTIONS' && target(c).path !== '/') {
    return new Response(null, { headers: { 'Content-Length': '0' } })
  }
  if (target(c).path.startsWith('//')) return plainText(400, absoluteUri)
  const started = performance.now()
  const response = await respond(serving, c, trace)
  const ms = performance.now() - started
  const { status } = response
  const { operation = 'none' } = trace
  requestSeconds.observe({ operation, method: request.method, status }, ms / 1000)
  const line = { method: request.method, path: c.req.path, status, ms: Math.round(ms) }
  ctx.log.api.info(line, 'request')
  return response
}

async function respond(serving: Serving, c: Context, trace: Trace): Promise<Response> {
  const { ctx } = serving
  let lease: BodyLease | null = null
  try {
    const request = c.req.raw
    const { path, search } = target(c)
    const auth = await serving.authenticate(request, path, addressOf(wireOf(c)))
    lease = serving.bodies.lease(senderOf(c, auth, path))
    const text = await readBody(request, path, ctx.config.api, lease)
    const minor = negotiateVersion(c, path)
    trace.headers = versionHeaders(minor)
    const baseUrl = ctx.config.api.public_endpoint ?? originOf(request.url)
    const bare = withoutJsonSuffix(path, c.req.header(versionHeader))
    const jsonSuffix = bare !== path && path.endsWith('.json')
    const { requestId } = trace
    const incoming = {
      request,
      client: new Client(request, wireOf(c)),
      path: bare,
      jsonSuffix,
      search,
      minor,
      requestId,
      auth,
      baseUrl,
      text,
    }
    const located = (operation: string) => (trace.operation = operation)
    const { answer, operation } = await serving.dispatch({ ...incoming, located })
    return success(answer, operation.success, trace, baseUrl)
  } catch (e) {
    return failure(ctx, e, trace, c.req.raw)
  } finally {
    lease?.release()
  }
}

/** Clients that did not log in are told apart by their address. */
function senderOf(c: Context, { userId }: AuthContext, path: string): BodySender {
  return { client: userId ?? addressOf(wireOf(c)), authenticated: !isPublicPath(path) }
}

/** What the HTTP server in front of upstream's application answers by itself. */
const plainText = (status: number, text: string): Response =>
  new Response(text, { status, headers: { 'Content-Type': 'text/plain' } })

/** Below `/v1` a refused version is answered in the router's form, on `/` as a fault. */
function negotiateVersion(c: Context, path: string): number {
  try {
    return negotiate(c.req.header('OpenStack-API-Version'), c.req.header(versionHeader))
  } catch (e) {
    if (path === '/') checkAccept(c.req.header('Accept') ?? null)
    if (!(e instanceof VersionRefused) || path === '/') throw e
    throw new RoutingError(406, 'Not Acceptable', e.message, e.ranged ? versionHeaders() : {})
  }
}

/** Before 1.91 a `.json` at the end of a path is not part of it (docs/reference/rest-api.md, 3.1). */
function withoutJsonSuffix(path: string, version: string | undefined): string {
  const minor = /^\s*1\.(\d+)\s*$/.exec(version ?? '')?.[1]
  const strip = minor !== undefined && Number(minor) < JSON_SUFFIX_ENDS
  return strip ? path.replace(/\/$/, '').replace(/\.json$/, '') : path
}

const idHeaders = (requestId: string) => ({
  'x-openstack-request-id': requestId,
  'openstack-request-id': requestId,
})

function success(answer: Answer, status: number, trace: Trace, baseUrl: string): Response {
  const ids = idHeaders(trace.requestId)
  const all: Record<string, string> = { ...trace.headers, ...answer.headers, ...ids }
  if (answer.location !== undefined) all['Location'] = `${baseUrl}${answer.location}`
  if (answer.body === undefined) {
    all['Content-Length'] = '0'
    return new Response(null, { status: answer.status ?? status, headers: all })
  }
  all['Content-Type'] = 'application/json'
  return new Response(JSON.stringify(answer.body), {
    status: answer.status ?? status,
    headers: all,
  })
}

function failure(
  ctx: AppContext,
  thrown: unknown,
  { headers, requestId }: Trace,
  request: Request,
): Response {
  const error = fromUnknown(thrown)
  // A token of the wrong scope is the caller's fault, whatever status upstream gives it.
  const ours = error.status >= 500 && !(error instanceof InvalidScope)
  if (ours) ctx.log.api.error({ error: thrown }, 'request failed')
  const traced = ctx.config.DEFAULT.debug_tracebacks_in_api && thrown instanceof Error
  const body = bodyOf(error, asker(request), traced ? (thrown.stack ?? null) : null)
  return new Response(body, {
    status: error.status,
    headers: {
      ...errorHeaders(error, headers),
      'Content-Type': 'application/json',
      ...idHeaders(requestId),
    },
  })
}

function bodyOf(error: IronicError, asked: Asked, traceback: string | null): string {
  if (error instanceof AuthRefused) return error.body
  return error instanceof BodyRefused
    ? flatFault(error.message)
    : faultBody(error, asked, traceback)
}

function errorHeaders(error: IronicError, headers: Record<string, string>): Record<string, string> {
  if (
    error instanceof RoutingError ||
    error instanceof BodyRefused ||
    error instanceof AuthRefused
  ) {
    return { ...error.headers }
  }
  if (error instanceof VersionRefused) return error.ranged ? versionHeaders() : {}
  return { ...headers, ...error.headers }
}
