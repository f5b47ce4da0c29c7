import { readFileSync } from 'node:fs'
import type { ServerOptions } from 'node:https'
import type { SecureVersion } from 'node:tls'
import type { Config } from '../config/index.js'

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
