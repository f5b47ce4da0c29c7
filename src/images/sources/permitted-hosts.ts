import type { Config } from '../../config/index.js'

type DeployOptions = Pick<
  Config['deploy'],
  'image_server_auth_hosts' | 'image_server_auth_permit_unknown_hosts'
>

const remote = new Set(['http:', 'https:', 'oci:'])

/**
 * Whether `[deploy] image_server_user` and its password may be told to the host of an image
 * (upstream `image_service.is_host_auth_permitted`). An entry of `image_server_auth_hosts` is a host,
 * or with a dot before it a domain whose hosts are meant; the port does not matter.
 */
export function mayAuthenticate(options: DeployOptions, href: string): boolean {
  const url = URL.canParse(href) ? new URL(href) : null
  if (url === null || !remote.has(url.protocol)) return true
  const { image_server_auth_hosts: hosts } = options
  if (hosts.length === 0) return options.image_server_auth_permit_unknown_hosts
  const { hostname } = url
  return hosts.some((entry) =>
    entry.startsWith('.') ? hostname.endsWith(entry) : hostname === entry,
  )
}
