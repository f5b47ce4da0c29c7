import { readFileSync, statSync } from 'node:fs'
import type { Server, ServerOptions } from 'node:https'
import type { SecureVersion } from 'node:tls'
import type { Config } from '../config/index.js'
import type { AppContext } from '../context.js'

/**
 * What the listener needs for `[api] enable_ssl_api`.
 * @returns null when the API answers plain HTTP
 * @throws Error naming the option or the file that is missing
 */
export function tlsOptions(api: Config['api']): ServerOptions | null {
  if (!api.enable_ssl_api) return null
  return {
    cert: readPem('cert_file', api.cert_file),
    key: readPem('key_file', api.key_file),
    minVersion: `TLSv${api.tls_minimum_version}` as SecureVersion,
    ...(api.tls_ciphers === null ? {} : { ciphers: api.tls_ciphers }),
  }
}

function readPem(option: string, path: string | null): Buffer {
  if (path === null) throw new Error(`[api] enable_ssl_api needs [api] ${option}`)
  try {
    return readFileSync(path)
  } catch (e) {
    throw new Error(`[api] ${option}: ${path} cannot be read`, { cause: e })
  }
}

const recheckMs = 10_000

/**
 * Takes a renewed certificate for the connections after it, without a restart: the files are
 * looked at when a client connects, at most every ten seconds. One that cannot be used leaves
 * the old one in place and is reported once.
 */
export function renewCertificate(server: Server, { config: { api }, clock, log }: AppContext) {
  let stamp = stampOf(api)
  let looked = clock.now().getTime()
  server.prependListener('connection', () => {
    const now = clock.now().getTime()
    if (now - looked < recheckMs) return
    looked = now
    const current = stampOf(api)
    if (current === stamp) return
    stamp = current
    try {
      server.setSecureContext(tlsOptions(api) ?? {})
      log.api.info({ file: api.cert_file }, 'a renewed certificate is in use')
    } catch (error) {
      log.api.error({ error }, 'the changed certificate cannot be used; the old one stays')
    }
  })
}

/** Changes whenever one of the files does. */
const stampOf = (api: Config['api']): string =>
  [api.cert_file, api.key_file].map((path) => (path === null ? '' : fileStamp(path))).join(' ')

function fileStamp(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false })
  return found === undefined ? 'gone' : `${found.mtimeMs}:${found.size}:${found.ino}`
}
