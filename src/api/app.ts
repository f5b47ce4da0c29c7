/** The HTTP application: what happens to every request, in order. */
import { Hono, type Context } from 'hono'
import type { AppContext } from '../context.js'
import { fromUnknown, RoutingError, type IronicError } from '../errors.js'
import { AcceptRefused, checkAccept } from './accept.js'
import type { Authenticate } from './auth/authenticator.js'
import { AuthRefused } from './auth/refused.js'
import { BodyRefused, readBody } from './body.js'
import { mountContractPages } from './contract-pages.js'
import type { Contract } from './contract/load.js'
import { createDispatcher, newRequestId, type Dispatcher } from './dispatch.js'
import { faultBody, flatFault } from './faults.js'
import { noauthContext } from './policy/noauth.js'
import type { Answer } from './request.js'
import { routes } from './v1/routes.js'
import { negotiate, versionHeader, versionHeaders, VersionRefused } from './versioning.js'

export interface ApiOptions {
  readonly authenticate?: Authenticate
}

/**
 * Builds the application.
 * @param contract compiled `openapi/` documents
 */
export function createApi(ctx: AppContext, contract: Contract, options: ApiOptions = {}): Hono {
  const dispatch = createDispatcher(ctx, contract, routes)
  const authenticate = options.authenticate ?? (() => Promise.resolve(noauthContext))
  const app = new Hono()
  mountContractPages(app, contract)
  app.all('*', (c) => serve(ctx, dispatch, authenticate, c))
  return app
}

const absoluteUri = 'Absolute URI not allowed if server is not a proxy.'

/**
 * Path and query as they stand on the wire: the URL of the request is normalised, so that
 * `/v1/..` would have become `/`.
 */
function target(c: Context): { path: string; search: string } {
  const env = c.env as { incoming?: { url?: string } } | undefined
  const url = new URL(c.req.raw.url)
  const raw = env?.incoming?.url ?? `${url.pathname}${url.search}`
  const mark = raw.indexOf('?')
  return mark < 0
    ? { path: raw, search: '' }
    : { path: raw.slice(0, mark), search: raw.slice(mark) }
}

/** The first version in which `.json` belongs to a name. */
const JSON_SUFFIX_ENDS = 91

async function serve(
  ctx: AppContext,
  dispatch: Dispatcher,
  authenticate: Authenticate,
  c: Context,
): Promise<Response> {
  const started = ctx.clock.now().getTime()
  const requestId = newRequestId()
  const request = c.req.raw
  if (request.method === 'OPTIONS')
    return new Response(null, { headers: { 'Content-Length': '0' } })
  const response = await respond(ctx, dispatch, authenticate, c, requestId)
  response.headers.set('x-openstack-request-id', requestId)
  response.headers.set('openstack-request-id', requestId)
  const ms = ctx.clock.now().getTime() - started
  ctx.log.info(
    { requestId, method: request.method, path: c.req.path, status: response.status, ms },
    'request',
  )
  return response
}

async function respond(
  ctx: AppContext,
  dispatch: Dispatcher,
  authenticate: Authenticate,
  c: Context,
  requestId: string,
): Promise<Response> {
  const state: { headers: Record<string, string> } = { headers: {} }
  try {
    const request = c.req.raw
    const { path, search } = target(c)
    if (path.startsWith('//')) throw new BodyRefused(absoluteUri, { status: 400 })
    const auth = await authenticate(request, path)
    const text = await readBody(request, path, ctx.config.api)
    const minor = negotiateVersion(c, path)
    state.headers = versionHeaders(minor)
    checkAccept(c.req.header('Accept'))
    const baseUrl = ctx.config.api.public_endpoint ?? new URL(request.url).origin
    const bare = withoutJsonSuffix(path, c.req.header(versionHeader))
    const incoming = {
      request,
      path: bare,
      jsonSuffix: bare !== path && path.endsWith('.json'),
      search,
      minor,
      requestId,
      auth,
      baseUrl,
      text,
    }
    const { answer, operation } = await dispatch(incoming)
    return success(answer, operation.success, state.headers, baseUrl)
  } catch (e) {
    return failure(ctx, e, state.headers, requestId)
  }
}

/** Below `/v1` a refused version is answered in the router's form, on `/` as a fault. */
function negotiateVersion(c: Context, path: string): number {
  try {
    return negotiate(c.req.header('OpenStack-API-Version'), c.req.header(versionHeader))
  } catch (e) {
    if (!(e instanceof VersionRefused) || path === '/') throw e
    throw new RoutingError(406, 'Not Acceptable', e.message, e.ranged ? versionHeaders() : {})
  }
}

/** Before 1.91 a `.json` at the end of a path is not part of it (rest-api.md, 3.1). */
function withoutJsonSuffix(path: string, version: string | undefined): string {
  const minor = /^\s*1\.(\d+)\s*$/.exec(version ?? '')?.[1]
  const strip = minor !== undefined && Number(minor) < JSON_SUFFIX_ENDS
  return strip ? path.replace(/\/$/, '').replace(/\.json$/, '') : path
}

function success(
  answer: Answer,
  status: number,
  headers: Record<string, string>,
  baseUrl: string,
): Response {
  const all: Record<string, string> = { ...headers, ...answer.headers }
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
  headers: Record<string, string>,
  requestId: string,
): Response {
  const error = fromUnknown(thrown)
  if (error.status >= 500) ctx.log.error({ requestId, err: thrown }, 'request failed')
  const body = bodyOf(error)
  return new Response(body, {
    status: error.status,
    headers: { ...errorHeaders(error, headers), 'Content-Type': 'application/json' },
  })
}

function bodyOf(error: IronicError): string {
  if (error instanceof AuthRefused) return error.body
  return error instanceof BodyRefused ? flatFault(error.message) : faultBody(error)
}

function errorHeaders(error: IronicError, headers: Record<string, string>): Record<string, string> {
  if (
    error instanceof RoutingError ||
    error instanceof BodyRefused ||
    error instanceof AuthRefused
  ) {
    return { ...error.headers }
  }
  if (error instanceof AcceptRefused) return {}
  if (error instanceof VersionRefused) return error.ranged ? versionHeaders() : {}
  return { ...headers, ...error.headers }
}
