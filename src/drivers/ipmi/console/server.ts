import { createServer, type Server, type Socket } from 'node:net'
import { errorText } from '../../../error-text.js'
import type { ProcessContext } from '../../../process-context.js'
import type { IpmiInfo } from '../driver-info.js'
import { openLine, type ConsoleLine } from './line.js'

/** A port behind which a machine's console is. */
export interface ConsoleServer {
  readonly port: number
  close(): Promise<void>
}

export interface ConsoleWhere {
  readonly host: string
  readonly port: number
}

/**
 * Opens a TCP port; who connects gets the serial line, one at a time, as with socat.
 * @throws the system's error when the port cannot be had
 */
export async function serveTcpConsole(
  ctx: ProcessContext,
  info: IpmiInfo,
  where: ConsoleWhere,
): Promise<ConsoleServer> {
  const clients = new Set<Socket>()
  const stop = new AbortController()
  let attached: Promise<void> = Promise.resolve()
  const server = createServer((socket) => {
    if (clients.size > 0) {
      socket.end('the console is in use by somebody else\r\n')
      return
    }
    clients.add(socket)
    socket.once('close', () => clients.delete(socket))
    attached = attach(ctx, info, socket, stop.signal).catch((error: unknown) => {
      ctx.log.console.warn({ error, bmc: info.address }, 'a console could not be opened')
      const said = errorText(error)
      socket.end(`the console could not be opened: ${said}\r\n`)
    })
  })
  await listen(server, where)
  return {
    port: where.port,
    close: async () => {
      stop.abort()
      for (const socket of clients) socket.destroy()
      await new Promise<void>((resolve) => server.close(() => resolve()))
      await attached
    },
  }
}

/** @throws the system's error */
export function listen(server: Server, where: ConsoleWhere): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(where.port, where.host, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

/** Joins a connection and the serial line until one of them ends. */
async function attach(
  ctx: ProcessContext,
  info: IpmiInfo,
  socket: Socket,
  signal: AbortSignal,
): Promise<void> {
  const early: Buffer[] = []
  let line: ConsoleLine | null = null
  const gone = new AbortController()
  const idle = ctx.config.console.terminal_timeout * 1000
  if (idle > 0) socket.setTimeout(idle, () => socket.end())
  socket.on('error', () => socket.destroy())
  socket.on('data', (bytes) => (line === null ? early.push(bytes) : line.write(bytes)))
  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => {
      gone.abort(new Error('the client has left'))
      resolve()
    })
  })
  const handlers = {
    data: (bytes: Buffer) => {
      socket.write(bytes)
    },
    ended: (error: Error) => {
      socket.end(`\r\n[${error.message}]\r\n`)
    },
  }
  line = await openLine(ctx, info, handlers, AbortSignal.any([signal, gone.signal]))
  for (const bytes of early) line.write(bytes)
  await closed
  await line.close()
}
