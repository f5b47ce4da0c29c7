import { createSocket } from 'node:dgram'
import type { Socket } from 'node:dgram'
import { networkInterfaces } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'

/**
 * UDP sockets that hear one network interface only. A DHCP server needs them, because a client
 * without an address broadcasts to 255.255.255.255 and nothing in the datagram names its link.
 *
 * Node has neither SO_BINDTODEVICE nor IP_PKTINFO, and on Linux a socket bound to the broadcast
 * address of a subnet does not get 255.255.255.255. But Linux binds an IPv6 socket to the interface
 * in the scope of a link-local address before it looks at the port (`__inet6_bind` in
 * net/ipv6/af_inet6.c), and the socket stays bound to it when the port turns out to be taken. The
 * second bind, to `::`, then makes a socket of both families that hears this interface alone. See
 * docs/ports.md for what was measured.
 */

const linkLocalGroup = 'ff02::1'
const probeMs = 1000
const probeStepMs = 20

/**
 * Opens a socket for both families on an interface. IPv4 senders have `::ffff:` addresses.
 * @param port 0 takes a free one
 * @throws the system's error when the interface is missing or the port cannot be bound
 */
export async function openOnInterface(name: string, port: number): Promise<Socket> {
  const taken = createSocket({ type: 'udp6', ipv6Only: true })
  const socket = createSocket({ type: 'udp6', reuseAddr: true })
  try {
    await bind(taken, 0, '::')
    await bindInVain(socket, taken.address().port, `${linkLocalGroup}%${name}`)
    await bind(socket, port, '::')
    return socket
  } catch (error) {
    socket.close()
    throw error
  } finally {
    taken.close()
  }
}

/**
 * Whether this system binds sockets to interfaces that way: a socket on the interface must miss a
 * datagram on loopback, which one on loopback gets.
 */
export async function hearsOneInterface(name: string): Promise<boolean> {
  const sockets: Socket[] = []
  const open = async (on: string) => {
    const socket = await openOnInterface(on, 0)
    sockets.push(socket)
    return socket
  }
  try {
    const loopback = loopbackName()
    if (loopback === null || loopback === name) return false
    return await misses(await open(name), await open(loopback))
  } catch {
    // Without IPv6 there is no such socket.
    return false
  } finally {
    for (const socket of sockets) socket.close()
  }
}

/** Sends to both over loopback and waits until the second one has heard. */
async function misses(other: Socket, loopback: Socket): Promise<boolean> {
  const heard = new Set<Socket>()
  for (const socket of [other, loopback]) socket.on('message', () => heard.add(socket))
  const sender = createSocket('udp4')
  sender.on('error', () => undefined)
  try {
    for (const socket of [other, loopback]) sender.send('?', socket.address().port, '127.0.0.1')
    for (let waited = 0; waited < probeMs && !heard.has(loopback); waited += probeStepMs) {
      await sleep(probeStepMs)
    }
    return heard.has(loopback) && !heard.has(other)
  } finally {
    sender.close()
  }
}

const loopbackName = (): string | null =>
  Object.entries(networkInterfaces()).find(([, addresses]) =>
    addresses?.some(({ internal, address }) => internal && address === '127.0.0.1'),
  )?.[0] ?? null

function bind(socket: Socket, port: number, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject)
    socket.bind(port, address, () => {
      socket.off('error', reject)
      resolve()
    })
  })
}

/** @throws Error unless the port is taken */
async function bindInVain(socket: Socket, port: number, address: string): Promise<void> {
  try {
    await bind(socket, port, address)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return
    throw error
  }
  throw new Error(`the system bound ${address} to a port that is taken`)
}
