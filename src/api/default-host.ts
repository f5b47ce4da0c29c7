import type { Socket } from 'node:net'

/**
 * The address a connection arrived at, as the authority of a URL. It replaces the `Host` header of
 * a request that has none (HTTP/1.0) or an empty one, as WSGI's SERVER_NAME and SERVER_PORT do
 * (PEP 3333, URL reconstruction).
 */
export function authorityOf({ localAddress, localPort }: Socket): string {
  const address = (localAddress ?? 'localhost').replace(/^::ffff:(?=\d+\.)/, '').replace(/%.*$/, '')
  const host = address.includes(':') ? `[${address}]` : address
  return localPort === undefined ? host : `${host}:${localPort}`
}
