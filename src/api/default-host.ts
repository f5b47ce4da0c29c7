import type { Socket } from 'node:net'

/** Clients keep to one host, so the last valid one is remembered. */
let lastValid = ''

/** Whether a `Host` header can stand in a URL (RFC 9110, 7.2). */
export function isAuthority(host: string): boolean {
  if (host === lastValid) return true
  const isValid = !/[\s/?#@\\]/.test(host) && URL.canParse(`http://${host}/`)
  if (isValid) lastValid = host
  return isValid
}

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
