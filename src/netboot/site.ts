import { isIPv6 } from 'node:net'
import type { Config } from '../config/index.js'

/** Where machines find us, as scripts and DHCP answers tell them. */
export interface Site {
  /** Base URL of the HTTP server, without a slash at the end. */
  readonly httpUrl: string
  readonly tftpServer: string
}

/** An address as it stands in a URL. */
export const urlHost = (address: string): string => (isIPv6(address) ? `[${address}]` : address)

/**
 * `[deploy] http_url` and `[pxe] tftp_server`, or, where they are not set, the address the machine
 * is spoken to with.
 */
export function siteAt({ deploy, pxe, ferric }: Config, address: string): Site {
  const own = `http://${urlHost(address)}:${ferric.boot_http_port}`
  return {
    httpUrl: (deploy.http_url ?? own).replace(/\/+$/, ''),
    tftpServer: pxe.tftp_server ?? address,
  }
}
