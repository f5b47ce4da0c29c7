/** Listening on an address and a port, or on a Unix socket. */
import { chmodSync, statSync, unlinkSync } from 'node:fs'
import type { Server } from 'node:http'
import { Server as TlsServer } from 'node:https'
import { connect, type AddressInfo } from 'node:net'

export interface Address {
  readonly host: string
  readonly port: number
}

export interface SocketPath {
  readonly path: string
  /** Permissions as octal digits; null leaves those of the umask. */
  readonly mode: string | null
}

/**
 * Starts listening.
 * @throws Error that names the address, when it is taken or not this machine's
 */
export async function listen(server: Server, at: Address | SocketPath): Promise<void> {
  if ('port' in at) return await bind(server, `${at.host}:${at.port}`, at)
  await removeStale(at.path)
  await bind(server, at.path, { path: at.path })
  if (at.mode !== null) chmodSync(at.path, Number.parseInt(at.mode, 8))
}

function bind(server: Server, name: string, options: Address | { path: string }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why = error.code === 'EADDRINUSE' ? 'another process listens there' : error.message
      reject(new Error(`Cannot listen on ${name}: ${why}`, { cause: error }))
    })
    server.listen(options, resolve)
  })
}

/** A process that was killed leaves its socket behind, and no connection to it succeeds. */
async function removeStale(path: string): Promise<void> {
  const entry = statSync(path, { throwIfNoEntry: false })
  if (entry?.isSocket() === true && !(await isServed(path))) unlinkSync(path)
}

function isServed(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

/** Returns where clients reach a server. An address that stands for all of them is shown as loopback. */
export function urlOf(server: Server): string {
  const at = server.address() as AddressInfo | string
  if (typeof at === 'string') return `unix:${at}`
  const { address, family, port } = at
  const everywhere: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' }
  const host = everywhere[address] ?? address
  const scheme = server instanceof TlsServer ? 'https' : 'http'
  return `${scheme}://${family === 'IPv6' ? `[${host}]` : host}:${port}`
}
