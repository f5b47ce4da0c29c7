import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer, Server as TlsServer } from 'node:https'
import { getRequestListener } from '@hono/node-server'
import { Hono } from 'hono'
import type { Config } from '../config/index.js'
import { background } from '../background.js'
import type { AppContext } from '../context.js'
import type { Logger } from '../log/logger.js'
import { createApi } from './app.js'
import { createAuthenticator } from './auth/authenticator.js'
import { isPublicPath } from './auth/public-paths.js'
import { contractDocuments } from './contract/documents.js'
import { BodyBudget } from './body-budget.js'
import { compileContract } from './contract/load.js'
import { authorityOf, isAuthority } from './default-host.js'
import { mountHealth } from './health.js'
import { listen, urlOf, type Address, type SocketPath } from './listen.js'
import { limitRate } from './rate-limit.js'
import { renewCertificate, tlsOptions } from './tls.js'
import { serveUnknownMethods } from './unknown-method.js'

export interface ApiServer {
  /** Where it listens, as clients reach it. */
  readonly url: string
  /** Where ramdisks reach it, when that is another place. */
  readonly ramdiskUrl?: string
  /** Stops listening and waits for running requests, at most `deadlineMs`. */
  close(deadlineMs: number): Promise<void>
}

/**
 * Serves the API on `[api] host_ip` and `port`, or on `unix_socket`, and ramdisks' calls alone on `[ferric]
 * ramdisk_host_ip` and `ramdisk_port` where that is set.
 * @throws Error when an address is taken or not this machine's, or a certificate is not there
 */
export async function startApi(ctx: AppContext): Promise<ApiServer> {
  const { api, ferric } = ctx.config
  const contract = compileContract(contractDocuments())
  const perMinute = ferric.requests_per_minute
  const authenticate = limitRate(await createAuthenticator(ctx), ctx.clock, perMinute)
  const shared = { authenticate, bodies: new BodyBudget() }
  const main = await serve(ctx, createApi(ctx, contract, shared), placeOf(api))
  if (ferric.ramdisk_port === null) return { url: urlOf(main), close: closing([main]) }
  try {
    const ramdisks = createApi(withRamdisks(ctx), contract, { ...shared, only: isPublicPath })
    const second = await serve(ctx, ramdisks, {
      host: ferric.ramdisk_host_ip,
      port: ferric.ramdisk_port,
    })
    return { url: urlOf(main), ramdiskUrl: urlOf(second), close: closing([main, second]) }
  } catch (e) {
    await closing([main])(0)
    throw e
  }
}

/** A listener that says how a process is. */
export type HealthServer = Pick<ApiServer, 'url' | 'close'>

/**
 * Serves `/healthz`, `/readyz` and `/metrics` alone, over plain HTTP, for processes that have no API.
 * @throws Error when the address is taken or not this machine's
 */
export async function startHealth(
  ctx: AppContext,
  host: string,
  port: number,
): Promise<HealthServer> {
  const app = new Hono()
  mountHealth(app, ctx, null)
  const server = createServer(listenerOf(app, ctx.log.api))
  await listen(server, { host, port })
  return { url: urlOf(server), close: closing([server]) }
}

/**
 * The listener for ramdisks serves them whether or not the other one does. Its options are those of
 * the process underneath, so that a configuration that is read again holds here too.
 */
function withRamdisks(ctx: AppContext): AppContext {
  const served = { enable_ramdisk_endpoints: { value: true, enumerable: true } }
  const api = Object.create(ctx.config.api, served) as Config['api']
  return { ...ctx, config: { ...ctx.config, api } }
}

const placeOf = ({
  host_ip: host,
  port,
  unix_socket: path,
  unix_socket_mode: mode,
}: Config['api']) => (path === null ? { host, port } : { path, mode })

async function serve(ctx: AppContext, app: Hono, at: Address | SocketPath): Promise<Server> {
  const listener = listenerOf(app, ctx.log.api)
  const tls = tlsOptions(ctx.config.api)
  const server = tls === null ? createServer(listener) : createTlsServer(tls, listener)
  if (server instanceof TlsServer) renewCertificate(server, ctx)
  serveUnknownMethods(server, app.fetch, ctx.log.api)
  await listen(server, at)
  return server
}

function listenerOf(app: Hono, log: Logger): RequestListener {
  const answer = getRequestListener(app.fetch)
  return (request, response) => {
    request.headers.host ||= authorityOf(request.socket)
    if (!isAuthority(request.headers.host)) response.writeHead(400, { Connection: 'close' }).end()
    else background(log, 'answer a request', answer(request, response))
  }
}

const closing = (servers: readonly Server[]) => async (deadlineMs: number) => {
  await Promise.all(servers.map((server) => closeServer(server, deadlineMs)))
}

function closeServer(server: Server, deadlineMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), deadlineMs)
    server.close(() => {
      clearTimeout(timer)
      resolve()
    })
    server.closeIdleConnections()
  })
}
