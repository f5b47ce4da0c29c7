import { readFile } from 'node:fs/promises'
import type { Socket } from 'node:dgram'
import type { Clock } from '../../../clock.js'
import { hearsOneInterface, openOnInterface } from './interface-socket.js'

/** Sockets that hear broadcasts, one for each interface. */
export interface BroadcastSockets {
  close(): Promise<void>
}

export interface BroadcastSocketOptions {
  /** Names of interfaces. */
  readonly interfaces: readonly string[]
  readonly port: number
  readonly clock: Clock
  readonly receive: (name: string, bytes: Buffer, from: { address: string; port: number }) => void
  readonly failed: (error: Error) => void
}

/** How often a socket's interface is compared with the one of that name. */
const watchMs = 5_000

interface Opened {
  readonly socket: Socket
  /** Of the interface. An interface that is made again gets another one. */
  readonly index: string | null
}

/**
 * Opens a socket for each interface.
 * @returns null when the system cannot tell interfaces apart
 * @throws the system's error when a port cannot be bound
 */
export async function openBroadcastSockets(
  options: BroadcastSocketOptions,
): Promise<BroadcastSockets | null> {
  const { interfaces, failed } = options
  for (const name of interfaces) if (!(await hearsOneInterface(name))) return null
  const sockets = new Map<string, Opened>()
  const closing = new AbortController()
  try {
    for (const name of interfaces) sockets.set(name, await open(options, name))
  } catch (error) {
    closeAll(sockets)
    throw error
  }
  const watching = watch(options, sockets, closing.signal).catch((error: unknown) => {
    if (!closing.signal.aborted) failed(error instanceof Error ? error : new Error(String(error)))
  })
  return {
    close: async () => {
      closing.abort(new Error('the sockets are closed'))
      await watching
      closeAll(sockets)
    },
  }
}

async function open(options: BroadcastSocketOptions, name: string): Promise<Opened> {
  const { port, receive, failed } = options
  const index = await indexOf(name)
  const socket = await openOnInterface(name, port)
  socket.on('error', failed)
  socket.on('message', (bytes, from) => {
    const address = from.address.replace(/^::ffff:/, '')
    // DHCPv4 never comes over IPv6, which the socket hears as well.
    if (!address.includes(':')) receive(name, bytes, { address, port: from.port })
  })
  return { socket, index }
}

/** Opens sockets again whose interface was removed and made again: they would hear nothing. */
async function watch(
  options: BroadcastSocketOptions,
  sockets: Map<string, Opened>,
  signal: AbortSignal,
): Promise<never> {
  for (;;) {
    await options.clock.sleep(watchMs, signal)
    for (const [name, opened] of sockets) {
      const index = await indexOf(name)
      if (index === null || index === opened.index) continue
      try {
        sockets.set(name, await open(options, name))
        opened.socket.close()
      } catch (error) {
        options.failed(error instanceof Error ? error : new Error(String(error)))
      }
    }
  }
}

const indexOf = async (name: string): Promise<string | null> =>
  readFile(`/sys/class/net/${name}/ifindex`, 'utf8').catch(() => null)

function closeAll(sockets: ReadonlyMap<string, Opened>): void {
  for (const { socket } of sockets.values()) socket.close()
}
