import { isIPv6 } from 'node:net'
import type { Config } from '../config/index.js'

/** The addresses of this host's servers in scripts and DHCP answers. */
export interface Site {
  /** Base URL of the HTTP server, without a slash at the end. */
  readonly httpUrl: string
  readonly tftpServer: string
}

/** An address in the form that a URL needs. */
export const urlHost = (address: string): string => (isIPv6(address) ? `[${address}]` : address)

/**
 * Returns `[deploy] http_url` and `[pxe] tftp_server`, or, where they are not set, the address of this
 * host that the machine reaches.
 */
export function siteAt({ deploy, pxe, ferric }: Config, address: string): Site {
  const own = `http://${urlHost(address)}:${ferric.boot_http_port}`
  return {
    httpUrl: (deploy.http_url ?? own).replace(/\/+$/, ''),
    tftpServer: pxe.tftp_server ?? address,
  }
}
