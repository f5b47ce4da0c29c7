import { createSocket } from 'node:dgram'
import type { Socket } from 'node:dgram'

/** All_DHCP_Relay_Agents_and_Servers (RFC 8415, 7.1). */
const group = 'ff02::1:2'

export interface Dhcpv6Socket {
  send(bytes: Buffer, to: { address: string; port: number }): void
  close(): Promise<void>
}

export interface Dhcpv6SocketOptions {
  /** Names of the interfaces it serves. */
  readonly interfaces: readonly string[]
  readonly port: number
  /** `from.address` of a client on the link ends in `%` and the interface. */
  readonly receive: (bytes: Buffer, from: { address: string; port: number }) => void
  readonly failed: (error: Error) => void
}

/**
 * The server's socket, which hears the group on the interfaces.
 * @throws the system's error when the port or the group cannot be had
 */
export async function openDhcpv6Socket(options: Dhcpv6SocketOptions): Promise<Dhcpv6Socket> {
  const socket = createSocket({ type: 'udp6', ipv6Only: true, reuseAddr: true })
  await bound(socket, options)
  socket.on('error', options.failed)
  socket.on('message', (bytes, { address, port }) => options.receive(bytes, { address, port }))
  return {
    send: (bytes, { address, port }) => socket.send(bytes, port, address),
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  }
}

function bound(socket: Socket, { interfaces, port }: Dhcpv6SocketOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject)
    socket.bind(port, '::', () => {
      try {
        for (const name of interfaces) socket.addMembership(group, `::%${name}`)
      } catch (error) {
        socket.close()
        reject(error instanceof Error ? error : new Error(String(error)))
        return
      }
      socket.off('error', reject)
      resolve()
    })
  })
}
