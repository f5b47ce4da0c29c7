import { createSocket } from 'node:dgram'
import { lookup } from 'node:dns/promises'
import { IpmiUnreachable } from './errors.js'
import type { Transport, TransportListener } from './session/transport.js'

/**
 * A UDP socket to one BMC.
 * @throws IpmiUnreachable when the name is unknown
 */
export async function connectUdp(address: string, port: number): Promise<Transport> {
  const where = `${address}:${port}`
  const found = await lookup(address).catch((error: unknown) => {
    throw new IpmiUnreachable(where, error)
  })
  const socket = createSocket(found.family === 6 ? 'udp6' : 'udp4')
  // Whoever waits for an answer keeps the process alive with his timer.
  socket.unref()
  let listener: TransportListener | null = null
  let open = true
  const failed = (error: Error): void => listener?.failed(new IpmiUnreachable(where, error))
  socket.on('message', (packet) => listener?.packet(packet))
  socket.on('error', failed)
  await new Promise<void>((resolve, reject) => {
    socket.once('error', (error) => reject(new IpmiUnreachable(where, error)))
    socket.connect(port, found.address, resolve)
  })
  return {
    send: (packet) => {
      if (!open) return failed(new Error('the socket was closed'))
      socket.send(packet, (error) => {
        if (error !== null) failed(error)
      })
    },
    listen: (to) => {
      listener = to
    },
    close: () => {
      if (open) socket.close()
      open = false
    },
  }
}
