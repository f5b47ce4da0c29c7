import { createSocket } from 'node:dgram'
import type { Socket } from 'node:dgram'
import type { Clock } from '../../../clock.js'
import { sameIpv4Network } from '../addresses.js'
import { openBroadcastSockets } from './broadcast-sockets.js'

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
   * The links it may have come in on: the one of the address it was sent to; for a broadcast the
   * ones of its interface, or all of them where the system cannot tell interfaces apart.
   */
  readonly links: readonly Link[]
  readonly broadcast: boolean
}

export interface LinkSockets {
  /** Whether the interface of a broadcast is known. */
  readonly knowsInterfaces: boolean
  /** Sends with the link's address as source, which also makes a broadcast leave by that link. */
  send(link: Link, bytes: Buffer, to: { address: string; port: number }): void
  close(): Promise<void>
}

export interface LinkSocketOptions {
  readonly links: readonly Link[]
  readonly port: number
  /** Also hear broadcasts on the links; else only what is sent to their addresses. */
  readonly broadcasts: boolean
  readonly clock: Clock
  readonly receive: (datagram: Datagram) => void
  readonly failed: (error: Error) => void
}

const anyAddress = '0.0.0.0'

/**
 * Opens the sockets of a port: one for each link, to send from and for what is sent to its address,
 * and one for the broadcasts of each interface. They share their addresses with other DHCP servers
 * of the host (SO_REUSEADDR).
 * @throws the system's error when an address cannot be bound
 */
export async function openLinkSockets(options: LinkSocketOptions): Promise<LinkSockets> {
  const byAddress = new Map<string, Socket>()
  const closing: (() => Promise<void>)[] = [() => closeAll(byAddress)]
  const close = async () => {
    for (const one of closing) await one()
  }
  let knowsInterfaces = false
  try {
    for (const link of options.links) {
      byAddress.set(link.address, await open(options, link.address, link))
    }
    if (options.broadcasts) {
      const sockets = await openBroadcasts(options)
      knowsInterfaces = sockets !== null
      if (sockets !== null) closing.push(() => sockets.close())
      else byAddress.set(anyAddress, await open(options, anyAddress, null))
    }
  } catch (error) {
    await close()
    throw error
  }
  return {
    knowsInterfaces,
    send(link, bytes, { address, port }) {
      byAddress.get(link.address)?.send(bytes, port, address)
    },
    close,
  }
}

async function openBroadcasts({ links, port, clock, receive, failed }: LinkSocketOptions) {
  if (links.length === 0) return null
  return openBroadcastSockets({
    interfaces: [...new Set(links.map(({ name }) => name))],
    port,
    clock,
    failed,
    receive: (name, bytes, from) => {
      const ofInterface = links.filter((link) => link.name === name)
      receive({ bytes, from, links: near(ofInterface, from.address), broadcast: true })
    },
  })
}

/** @param link of the address; null for the socket that hears broadcasts on all links */
async function open(
  { links, port, receive, failed }: LinkSocketOptions,
  address: string,
  link: Link | null,
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
  socket.on('message', (bytes, from) => {
    const candidates = link === null ? near(links, from.address) : [link]
    receive({ bytes, from, links: candidates, broadcast: link === null })
  })
  return socket
}

/** A sender with an address of its own is on the link whose network the address is in. */
function near(links: readonly Link[], address: string): readonly Link[] {
  const matching = links.filter((link) => sameIpv4Network(link.address, address, link.netmask))
  return matching.length > 0 ? matching : links
}

async function closeAll(sockets: ReadonlyMap<string, Socket>): Promise<void> {
  const closing = [...sockets.values()].map(
    (socket) => new Promise<void>((resolve) => socket.close(() => resolve())),
  )
  await Promise.all(closing)
}
