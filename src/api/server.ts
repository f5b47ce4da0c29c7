import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import type { AppContext } from '../context.js'
import { createApi } from './app.js'
import { createAuthenticator } from './auth/authenticator.js'
import { contractDocuments } from './contract/documents.js'
import { compileContract } from './contract/load.js'
import { serveUnknownMethods } from './unknown-method.js'

export interface ApiServer {
  /** Where it listens, as clients reach it. */
  readonly url: string
  /** Stops listening and waits for running requests, at most `deadlineMs`. */
  close(deadlineMs: number): Promise<void>
}

/**
 * Serves the API on `[api] host_ip` and `port`.
 * @throws Error when the address is taken or not this machine's
 */
export async function startApi(ctx: AppContext): Promise<ApiServer> {
  const contract = compileContract(contractDocuments())
  const app = createApi(ctx, contract, { authenticate: await createAuthenticator(ctx) })
  const answer = getRequestListener(app.fetch)
  const server = createServer((request, response) => void answer(request, response))
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
  return `http://${family === 'IPv6' ? `[${host}]` : host}:${port}`
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
