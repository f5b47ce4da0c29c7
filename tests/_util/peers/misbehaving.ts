// An HTTP server that breaks its answers on purpose, over raw sockets.
import { createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** A whole answer, from which the broken ones are made. */
export interface Good {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body: string
}

interface Parts {
  /** Status line and headers, without a length and without the empty line. */
  readonly head: string
  readonly body: string
}

const blank = '\r\n\r\n'
const pauseMs = 20
const size = 3_000_000

const sized = ({ head }: Parts, length: number) => `${head}\r\nContent-Length: ${length}${blank}`
const whole = (parts: Parts) => sized(parts, parts.body.length) + parts.body

/** Writes as fast as the reader takes it, until the connection ends. */
async function flood(socket: Socket, text: string): Promise<void> {
  while (!socket.destroyed) {
    if (socket.write(text)) await sleep(0)
    else await new Promise((resolve) => socket.once('drain', resolve).once('close', resolve))
  }
}

async function trickle(socket: Socket, text: string): Promise<void> {
  while (!socket.destroyed) {
    socket.write(text)
    await sleep(pauseMs)
  }
}

type Act = (socket: Socket, parts: Parts) => unknown

/** What a peer does in place of a whole answer. */
export const misbehaviours = {
  'closes before its answer': (socket) => socket.end(),
  'closes in its header': (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Ty'),
  'closes in its body': (socket, parts) =>
    socket.end(sized(parts, parts.body.length + 100) + parts.body),
  'closes in a chunk': (socket, { head, body }) =>
    socket.end(`${head}\r\nTransfer-Encoding: chunked${blank}ffff\r\n${body}`),
  'closes while the reader is paused': (socket, parts) => {
    const body = parts.body.padEnd(size)
    const head = parts.head.replace('HTTP/1.1', 'HTTP/1.0')
    socket.write(`${head}\r\nConnection: close\r\nContent-Length: ${size}${blank}`)
    socket.end(body)
  },
  'closes early while the reader is paused': (socket, parts) => {
    socket.write(`${parts.head}\r\nConnection: close\r\nContent-Length: ${2 * size}${blank}`)
    socket.end(parts.body.padEnd(size))
  },
  'sends nothing': () => undefined,
  'trickles its header': async (socket) => {
    socket.write('HTTP/1.1 200 OK\r\nX-Slow: ')
    await trickle(socket, 'a')
  },
  'trickles its body': async (socket, parts) => {
    socket.write(sized(parts, size))
    await trickle(socket, ' ')
  },
  'sends less than its length': (socket, parts) =>
    socket.write(sized(parts, parts.body.length + 100) + parts.body),
  'sends more than its length': (socket, parts) =>
    socket.write(`${whole(parts)}HTTP/1.1 200 OK\r\nContent-Length: 5${blank}wrong`),
  'resets before its answer': (socket) => socket.resetAndDestroy(),
  'resets in its body': async (socket, parts) => {
    socket.write(sized(parts, size) + parts.body)
    await sleep(pauseMs)
    socket.resetAndDestroy()
  },
  'never ends its body': async (socket, { head }) => {
    socket.write(`${head}\r\nTransfer-Encoding: chunked${blank}`)
    await flood(socket, `10000\r\n${' '.repeat(65_536)}\r\n`)
  },
  'never ends its header': async (socket) => {
    socket.write('HTTP/1.1 200 OK\r\n')
    await flood(socket, `X-Fill: ${'a'.repeat(1000)}\r\n`)
  },
  'sends early hints only': (socket) => trickle(socket, `HTTP/1.1 103 Early Hints${blank}`),
  'gives two lengths': (socket, parts) => {
    const head = `${parts.head}\r\nContent-Length: ${parts.body.length + 1}`
    socket.write(whole({ ...parts, head }))
  },
  'does not speak HTTP': (socket) => socket.write('SSH-2.0-OpenSSH_9.2\r\n'),
} satisfies Record<string, Act>

export type Misbehaviour = keyof typeof misbehaviours

export interface MisbehavingPeer extends AsyncDisposable {
  readonly url: string
  /** Sets what happens to requests whose path matches; null answers all of them as a good server does. */
  use(kind: Misbehaviour | null, path?: RegExp): void
}

/**
 * Starts a server on a free loopback port. It closes connections that start with TLS.
 * @param answer the good answer to a request, by method and path
 */
export async function misbehavingPeer(
  answer: (method: string, path: string) => Good,
): Promise<MisbehavingPeer> {
  let act: Act | null = null
  let affected = /^/
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined))
    socket.once('close', () => sockets.delete(socket))
    onRequest(socket, async (method, path) => {
      const { status = 200, headers = {}, body } = answer(method, path)
      const lines = Object.entries(headers).map(([name, value]) => `\r\n${name}: ${value}`)
      const parts = { head: `HTTP/1.1 ${status} Some${lines.join('')}`, body }
      if (act !== null && affected.test(path)) await act(socket, parts)
      else socket.write(method === 'HEAD' ? sized(parts, body.length) : whole(parts))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    use(kind, path = /^/) {
      act = kind === null ? null : misbehaviours[kind]
      affected = path
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const tlsHandshake = 0x16

/** Calls back for each whole request on a connection. */
function onRequest(socket: Socket, serve: (method: string, path: string) => Promise<void>): void {
  let input = ''
  socket.on('data', (chunk) => {
    if (input === '' && chunk[0] === tlsHandshake) return socket.destroy()
    input += chunk.toString('latin1')
    const end = input.indexOf(blank)
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(input)?.[1] ?? 0)
    if (end < 0 || input.length < end + blank.length + length) return
    const [method = '', path = ''] = input.split(' ')
    input = ''
    serve(method, path).catch(() => socket.destroy())
  })
}
