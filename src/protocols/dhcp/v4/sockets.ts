import { createSocket } from 'node:dgram'
import type { Socket } from 'node:dgram'
import { sameIpv4Network } from '../addresses.js'

/** An address of this host and the network it is in. */
export interface Link {
  readonly name: string
  readonly address: string
  readonly netmask: string
}

export interface Datagram {
  readonly bytes: Buffer
  readonly from: { readonly address: string; readonly port: number }
  /**
   * Where it may have come in. Node does not tell, so that a broadcast names all links: an answer
   * goes out on each of them with that link's own address, and only one reaches the client.
   */
  readonly links: readonly Link[]
}

export interface LinkSockets {
  /** Sends with the link's address as source, which also makes a broadcast leave by that link. */
  send(link: Link, bytes: Buffer, to: { address: string; port: number }): void
  close(): Promise<void>
}

export interface LinkSocketOptions {
  readonly links: readonly Link[]
  readonly port: number
  /** Also hear what is broadcast on the links; else only what is sent to their addresses. */
  readonly broadcasts: boolean
  readonly receive: (datagram: Datagram) => void
  readonly failed: (error: Error) => void
}

const anyAddress = '0.0.0.0'

/**
 * Sockets of one port: one per link, to send from and for what is sent to it, and one that hears
 * broadcasts. Addresses may be shared with other DHCP servers of the host (SO_REUSEADDR).
 * @throws the system's error when one cannot be bound
 */
export async function openLinkSockets(options: LinkSocketOptions): Promise<LinkSockets> {
  const { links, broadcasts } = options
  const byAddress = new Map<string, Socket>()
  try {
    for (const link of links) byAddress.set(link.address, await open(options, link.address, [link]))
    if (broadcasts) byAddress.set(anyAddress, await open(options, anyAddress, links))
  } catch (error) {
    await closeAll(byAddress)
    throw error
  }
  return {
    send(link, bytes, { address, port }) {
      byAddress.get(link.address)?.send(bytes, port, address)
    },
    close: () => closeAll(byAddress),
  }
}

async function open(
  { port, receive, failed }: LinkSocketOptions,
  address: string,
  links: readonly Link[],
): Promise<Socket> {
  const socket = createSocket({ type: 'udp4', reuseAddr: true })
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject)
    socket.bind(port, address, () => {
      socket.off('error', reject)
      socket.setBroadcast(true)
      resolve()
    })
  })
  socket.on('error', failed)
  socket.on('message', (bytes, from) => receive({ bytes, from, links: near(links, from.address) }))
  return socket
}

/** A sender with an address of its own is on the link whose network that is in. */
function near(links: readonly Link[], address: string): readonly Link[] {
  const found = links.filter((link) => sameIpv4Network(link.address, address, link.netmask))
  return found.length > 0 ? found : links
}

async function closeAll(sockets: ReadonlyMap<string, Socket>): Promise<void> {
  const closing = [...sockets.values()].map(
    (socket) => new Promise<void>((resolve) => socket.close(() => resolve())),
  )
  await Promise.all(closing)
}
