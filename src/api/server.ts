import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer, Server as TlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import type { AppContext } from '../context.js'
import { createApi } from './app.js'
import { createAuthenticator } from './auth/authenticator.js'
import { contractDocuments } from './contract/documents.js'
import { compileContract } from './contract/load.js'
import { limitRate } from './rate-limit.js'
import { tlsOptions } from './tls.js'
import { serveUnknownMethods } from './unknown-method.js'

export interface ApiServer {
  /** Where it listens, as clients reach it. */
  readonly url: string
  /** Stops listening and waits for running requests, at most `deadlineMs`. */
  close(deadlineMs: number): Promise<void>
}

/**
 * Serves the API on `[api] host_ip` and `port`.
 * @throws Error when the address is taken or not this machine's, or a certificate is not there
 */
export async function startApi(ctx: AppContext): Promise<ApiServer> {
  const contract = compileContract(contractDocuments())
  const perMinute = ctx.config.ferric.requests_per_minute
  const authenticate = limitRate(await createAuthenticator(ctx), ctx.clock, perMinute)
  const app = createApi(ctx, contract, { authenticate })
  const answer = getRequestListener(app.fetch)
  const listener: RequestListener = (request, response) => void answer(request, response)
  const tls = tlsOptions(ctx.config.api)
  const server = tls === null ? createServer(listener) : createTlsServer(tls, listener)
  serveUnknownMethods(server, app.fetch)
  await listen(server, ctx.config.api.host_ip, ctx.config.api.port)
  return { url: urlOf(server), close: (deadlineMs) => closeServer(server, deadlineMs) }
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why = error.code === 'EADDRINUSE' ? 'another process listens there' : error.message
      reject(new Error(`Cannot listen on ${host}:${port}: ${why}`, { cause: error }))
    })
    server.listen(port, host, resolve)
  })
}

/** An address that stands for all of them is no address to connect to. */
export function urlOf(server: Server): string {
  const { address, family, port } = server.address() as AddressInfo
  const everywhere: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' }
  const host = everywhere[address] ?? address
  const scheme = server instanceof TlsServer ? 'https' : 'http'
  return `${scheme}://${family === 'IPv6' ? `[${host}]` : host}:${port}`
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
