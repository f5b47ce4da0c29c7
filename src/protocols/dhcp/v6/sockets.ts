import { createSocket } from 'node:dgram'
import type { Socket } from 'node:dgram'
import { sameIpv6Network } from '../addresses.js'

/** An IPv6 address of this host and the network it is in. */
export interface Link6 {
  readonly name: string
  readonly address: string
  readonly netmask: string
}

export interface Datagram6 {
  readonly bytes: Buffer
  /** The address of a sender on the link ends in `%` and the interface. */
  readonly from: { readonly address: string; readonly port: number }
  /** The addresses of the interface it came in on; all where that is unknown. Never empty. */
  readonly links: readonly Link6[]
}

export interface Dhcpv6Sockets {
  send(bytes: Buffer, to: { address: string; port: number }): void
  close(): Promise<void>
}

export interface Dhcpv6SocketOptions {
  readonly links: readonly Link6[]
  readonly port: number
  readonly receive: (datagram: Datagram6) => void
  readonly failed: (error: Error) => void
}

/** All_DHCP_Relay_Agents_and_Servers and All_DHCP_Servers (RFC 8415, 7.1). */
const groups = ['ff02::1:2', 'ff05::1:3']
const anyAddress = '::'

/**
 * Opens the server's sockets: one that hears the groups on the interfaces of the links, and one for
 * each address, so that the link of a relay that sends to an address is known.
 * @throws the system's error when an address cannot be bound or a group cannot be joined
 */
export async function openDhcpv6Sockets(options: Dhcpv6SocketOptions): Promise<Dhcpv6Sockets> {
  const sockets: Socket[] = []
  const close = async () => {
    await Promise.all(sockets.map(closed))
  }
  try {
    const any = await open(options, anyAddress, null)
    sockets.push(any)
    for (const name of new Set(options.links.map((link) => link.name))) {
      for (const group of groups) any.addMembership(group, `::%${name}`)
    }
    for (const link of options.links) sockets.push(await open(options, link.address, link))
    return { close, send: (bytes, { address, port }) => any.send(bytes, port, address) }
  } catch (error) {
    await close()
    throw error
  }
}

async function open(
  { links, port, receive, failed }: Dhcpv6SocketOptions,
  address: string,
  link: Link6 | null,
): Promise<Socket> {
  const socket = createSocket({ type: 'udp6', ipv6Only: true, reuseAddr: true })
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject)
    socket.bind(port, address, () => {
      socket.off('error', reject)
      resolve()
    })
  })
  socket.on('error', failed)
  socket.on('message', (bytes, { address: sender, port: senderPort }) => {
    const from = { address: sender, port: senderPort }
    receive({ bytes, from, links: link === null ? near(links, sender) : [link] })
  })
  return socket
}

/** By the interface that stands in a link-local address, else by the sender's network. */
function near(links: readonly Link6[], sender: string): readonly Link6[] {
  const [address = '', name] = sender.split('%')
  const matching = links.filter((link) =>
    name === undefined ? sameIpv6Network(link.address, address, link.netmask) : link.name === name,
  )
  return matching.length > 0 ? matching : links
}

const closed = (socket: Socket): Promise<void> =>
  new Promise((resolve) => socket.close(() => resolve()))
