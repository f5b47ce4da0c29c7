/** Connections to servers with images, by `[DEFAULT] webserver_*`. */
import { readFileSync } from 'node:fs'
import type { Agent } from 'undici'
import type { Config } from '../../config/index.js'
import { httpAgent } from '../../http.js'
import { service } from '../../services.js'
import type { ImageContext } from '../context.js'

/** Returns the connections of this process; the CA file is read once, so a change needs a restart. */
export const webserverAgent = service({
  name: 'connections to image servers',
  create: ({ config }: ImageContext) => createAgent(config),
  close: (agent) => agent.destroy(),
})

function createAgent(config: Config): Agent {
  const idle = config.DEFAULT.webserver_connection_timeout * 1000
  return httpAgent({
    headersTimeout: idle,
    bodyTimeout: idle,
    connect: { timeout: idle, ...webserverTls(config) },
  })
}

/** Milliseconds from a request to the headers of its answer. A silence of half of it ends the request earlier. */
export const webserverHeadersMs = (config: Config): number =>
  2 * config.DEFAULT.webserver_connection_timeout * 1000

/** Returns the TLS options of `[DEFAULT] webserver_*`; reads the CA file. */
export function webserverTls(config: Config) {
  const {
    webserver_verify_ca: verify,
    webserver_tls_minimum_version: version,
    webserver_tls_ciphers: ciphers,
  } = config.DEFAULT
  const minVersion = `TLSv${version}` as 'TLSv1.2' | 'TLSv1.3'
  return { minVersion, ...(ciphers === null ? {} : { ciphers }), ...trust(verify) }
}

/** Reads `True`, `False` in any of Python's spellings, or the path of a file. */
function trust(verify: string): { rejectUnauthorized?: false; ca?: string } {
  if (/^(true|t|1|yes|y|on)$/i.test(verify)) return {}
  if (/^(false|f|0|no|n|off)$/i.test(verify)) return { rejectUnauthorized: false }
  return { ca: readFileSync(verify, 'utf8') }
}
