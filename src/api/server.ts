/** The listener of the API. */
import type { AddressInfo } from 'node:net'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { serve, type ServerType } from '@hono/node-server'
import type { AppContext } from '../context.js'
import { createApi, type ApiOptions } from './app.js'
import { compileContract, readDocuments, type Contract } from './contract/load.js'
import { serveUnknownMethods } from './unknown-method.js'

export interface ApiServer extends AsyncDisposable {
  readonly url: string
  /** Stops accepting, lets running requests end, then cuts what is left after `deadlineMs`. */
  close(deadlineMs: number): Promise<void>
}

/** `openapi/` of this installation: beside `src/` or beside the bundle in `dist/`. */
export function contractDirectory(): string {
  let directory = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(directory, 'openapi/common.yaml'))) {
    if (directory === dirname(directory)) throw new Error('openapi/ is missing')
    directory = dirname(directory)
  }
  return join(directory, 'openapi')
}

export const loadContract = (): Contract => compileContract(readDocuments(contractDirectory()))

/**
 * Listens on `[api] host_ip` and `port`.
 * @returns the server, once it accepts connections
 * @throws Error when the address is taken
 */
export async function startApi(ctx: AppContext, options: ApiOptions = {}): Promise<ApiServer> {
  const app = createApi(ctx, loadContract(), options)
  const { host_ip: hostname, port } = ctx.config.api
  const server = await listen(app.fetch, hostname, port)
  serveUnknownMethods(server, app.fetch)
  const address = server.address() as AddressInfo
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address
  const close = (deadlineMs: number) => closeServer(server, deadlineMs)
  return {
    url: `http://${host}:${address.port}`,
    close,
    [Symbol.asyncDispose]: () => close(0),
  }
}

function listen(
  fetch: Parameters<typeof serve>[0]['fetch'],
  hostname: string,
  port: number,
): Promise<ServerType> {
  return new Promise((resolve, reject) => {
    const server = serve({ fetch, hostname, port }, () => {
      server.off('error', reject)
      resolve(server)
    })
    server.once('error', reject)
  })
}

function closeServer(server: ServerType, deadlineMs: number): Promise<void> {
  return new Promise((resolve) => {
    const connections = 'closeAllConnections' in server ? server : null
    const timer = setTimeout(() => connections?.closeAllConnections(), deadlineMs)
    server.close(() => {
      clearTimeout(timer)
      resolve()
    })
    if (connections !== null) connections.closeIdleConnections()
  })
}
