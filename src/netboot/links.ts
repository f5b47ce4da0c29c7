import { isIPv4 } from 'node:net'
import { networkInterfaces } from 'node:os'
import type { NetworkInterfaceInfo } from 'node:os'
import { sameIpv4Network, sameIpv6Network } from '../protocols/dhcp/addresses.js'
import type { Link } from '../protocols/dhcp/v4/sockets.js'
import type { Link6 } from '../protocols/dhcp/v6/sockets.js'

/** The links of this host on which machines are served. */
export interface Links {
  readonly v4: readonly Link[]
  /** Interfaces with an IPv6 address other than the link-local one. */
  readonly v6: readonly Link6[]
}

type Interfaces = Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>

/**
 * Returns the links that `[ferric] boot_links` names by interface or address; without names all but
 * loopback.
 * @throws Error when this host has no interface or address of a name
 */
export function findLinks(
  names: readonly string[],
  interfaces: Interfaces = networkInterfaces(),
): Links {
  const all = Object.entries(interfaces).flatMap(([name, addresses]) =>
    (addresses ?? []).map((info) => ({ name, ...info })),
  )
  const isServed = (one: { name: string; address: string; internal: boolean }) =>
    names.length === 0 ? !one.internal : names.includes(one.name) || names.includes(one.address)
  const unknown = names.find(
    (name) => !all.some((one) => name === one.name || name === one.address),
  )
  if (unknown !== undefined) throw new Error(`[ferric] boot_links: this host has no ${unknown}`)
  const chosen = all.filter(isServed)
  return {
    v4: chosen
      .filter(({ address }) => isIPv4(address))
      .map(({ name, address, netmask }) => ({ name, address, netmask })),
    v6: chosen
      .filter(({ family, scopeid }) => family === 'IPv6' && scopeid === 0)
      .map(({ name, address, netmask }) => ({ name, address, netmask })),
  }
}

/** The address of this host that a machine at the given address reaches. */
export function ownAddressFor({ v4, v6 }: Links, machine: string): string {
  const plain = machine.replace(/^::ffff:/, '')
  if (!isIPv4(plain)) {
    const [address = '', name] = plain.split('%')
    const near6 = v6.find((link) =>
      name === undefined
        ? sameIpv6Network(link.address, address, link.netmask)
        : link.name === name,
    )
    return (near6 ?? v6[0] ?? v4[0])?.address ?? '::1'
  }
  const near = v4.find(({ address, netmask }) => sameIpv4Network(address, plain, netmask))
  return near?.address ?? v4[0]?.address ?? '127.0.0.1'
}
