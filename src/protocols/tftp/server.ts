import { createSocket } from 'node:dgram'
import type { RemoteInfo, Socket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import type { Clock } from '../../clock.js'
import { blockReader } from './block-reader.js'
import { TftpRefusal } from './content.js'
import type { TftpContent } from './content.js'
import { negotiate } from './negotiate.js'
import { decodePacket, encodeError, TftpProtocolError, tftpErrors } from './packet.js'
import type { TftpErrorCode, TftpPacket, TftpRequest } from './packet.js'
import { createTransfer } from './transfer.js'
import type { Transfer, TransferEnd } from './transfer.js'

export interface TftpPeer {
  readonly address: string
  readonly port: number
}

export interface TftpServerOptions {
  readonly host: string
  readonly port: number
  readonly clock: Clock
  /** Resolves to what a client gets; rejects with TftpRefusal for an ERROR packet of its own. */
  readonly open: (file: string, peer: TftpPeer, signal: AbortSignal) => Promise<TftpContent>
  /** Told about every request and every end of one. */
  readonly report?: (event: TftpEvent) => void
  /** Transfers at a time; further requests are refused. */
  readonly maxTransfers?: number
}

export interface TftpEvent {
  readonly peer: TftpPeer
  readonly file: string
  readonly outcome: TransferEnd['outcome'] | 'refused'
  readonly bytes: number
  readonly reason?: string
}

export interface TftpServer {
  readonly port: number
  readonly transfers: () => number
  /** Ends what is under way and resolves when the sockets are closed. */
  close(): Promise<void>
}

const defaultMaxTransfers = 1000
/** How often silent transfers are looked for, while there are any. */
const tickMs = 50
const bufferBytes = 1024 * 1024

interface Running {
  readonly socket: Socket
  readonly content: TftpContent
  transfer?: Transfer
}

/**
 * Serves files, read only (RFC 1350), until it is closed.
 * @throws the system's error when the port cannot be bound
 */
export async function startTftpServer(options: TftpServerOptions): Promise<TftpServer> {
  const socket = newSocket(options.host)
  await bound(socket, options.port, options.host)
  return new Server(options, socket)
}

/** Each family has its own server, so that both can have the port. */
const newSocket = (address: string): Socket => {
  const type = isIPv6(address) ? 'udp6' : 'udp4'
  return createSocket({ type, ipv6Only: type === 'udp6', recvBufferSize: bufferBytes })
}

function bound(socket: Socket, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject)
    socket.bind(port, host, () => {
      socket.off('error', reject)
      resolve()
    })
  })
}

const connected = (socket: Socket, { address, port }: TftpPeer): Promise<void> =>
  new Promise((resolve, reject) => {
    socket.once('error', reject)
    socket.connect(port, address, () => {
      socket.off('error', reject)
      resolve()
    })
  })

const closed = (socket: Socket): Promise<void> =>
  new Promise((resolve) => socket.close(() => resolve()))

class Server implements TftpServer {
  readonly port: number
  readonly #options: TftpServerOptions
  readonly #socket: Socket
  /** By address and port of the client: `undefined` while its file is being opened. */
  readonly #table = new Map<string, Running | undefined>()
  readonly #stopping = new AbortController()
  #ticking = false

  constructor(options: TftpServerOptions, socket: Socket) {
    this.#options = options
    this.#socket = socket
    this.port = socket.address().port
    socket.on('message', (bytes, peer) => this.#receive(bytes, peer))
    // A send that failed; the client asks again.
    socket.on('error', () => undefined)
  }

  transfers = (): number => this.#table.size

  async close(): Promise<void> {
    this.#stopping.abort(new Error('the server stops'))
    for (const running of this.#table.values()) running?.transfer?.fail('the server stops')
    await closed(this.#socket)
  }

  #receive(bytes: Buffer, peer: RemoteInfo): void {
    const packet = readRequest(bytes)
    if (packet instanceof TftpProtocolError) return this.#refuse(peer, packet.message)
    // An ERROR is never answered with one.
    if (packet.kind === 'error') return
    if (packet.kind === 'wrq') {
      return this.#refuse(peer, 'this server is read only', tftpErrors.accessViolation)
    }
    if (packet.kind !== 'rrq') return this.#refuse(peer, 'no such transfer', 5)
    if (packet.mode !== 'octet' && packet.mode !== 'netascii') {
      return this.#refuse(peer, `mode ${packet.mode} is not served`)
    }
    this.#onRequest(packet, peer)
  }

  #refuse(
    peer: TftpPeer,
    message: string,
    code: TftpErrorCode = tftpErrors.illegalOperation,
  ): void {
    if (this.#stopping.signal.aborted) return
    this.#socket.send(encodeError(code, message), peer.port, peer.address)
  }

  #onRequest(request: TftpRequest, peer: RemoteInfo): void {
    const key = `${peer.address} ${peer.port}`
    if (this.#table.has(key)) {
      this.#table.get(key)?.transfer?.repeatAnswer()
      return
    }
    if (this.#table.size >= (this.#options.maxTransfers ?? defaultMaxTransfers)) {
      return this.#refuse(peer, 'too many transfers, try again', tftpErrors.undefined)
    }
    this.#table.set(key, undefined)
    this.#serve(key, request, peer).catch((error: unknown) => {
      this.#report(request, peer, { outcome: 'failed', bytes: 0, reason: reasonOf(error) })
    })
  }

  /** Sends every failure to the client and reports it. */
  async #serve(key: string, request: TftpRequest, peer: TftpPeer): Promise<void> {
    try {
      const content = await this.#options.open(request.file, peer, this.#stopping.signal)
      try {
        await this.#transfer(key, request, peer, content)
      } finally {
        await content.close()
      }
    } catch (error) {
      const refusal = error instanceof TftpRefusal ? error : undefined
      const reason = reasonOf(error)
      this.#refuse(peer, refusal?.message ?? 'the file cannot be read', refusal?.code ?? 0)
      this.#report(request, peer, { outcome: 'refused', bytes: 0, reason })
    } finally {
      this.#table.delete(key)
    }
  }

  async #transfer(
    key: string,
    request: TftpRequest,
    peer: TftpPeer,
    content: TftpContent,
  ): Promise<void> {
    const netascii = request.mode === 'netascii'
    const terms = negotiate(request, netascii ? null : content.size)
    const socket = newSocket(peer.address)
    try {
      await bound(socket, 0, isIPv6(this.#options.host) ? '::' : this.#options.host)
      await connected(socket, peer)
      const running: Running = { socket, content }
      this.#table.set(key, running)
      const reader = blockReader(content, terms.blockSize, netascii)
      this.#report(request, peer, await this.#run(running, { reader, terms }))
    } finally {
      await closed(socket)
    }
  }

  #run(
    running: Running,
    parts: Pick<Parameters<typeof createTransfer>[0], 'reader' | 'terms'>,
  ): Promise<TransferEnd> {
    const { socket } = running
    return new Promise((resolve) => {
      const now = () => performance.now()
      // The error of a send comes as an event of the socket as well.
      const send = (packet: Buffer | readonly Buffer[]) => socket.send(packet)
      const transfer = createTransfer({ ...parts, send, now, ended: resolve })
      running.transfer = transfer
      const failed = (error: unknown) => transfer.fail(reasonOf(error))
      socket.on('message', (bytes) => {
        transfer.receive(bytes).catch(failed)
      })
      // ICMP reports that the client's port is closed.
      socket.on('error', (error) => transfer.fail(error.message))
      if (this.#stopping.signal.aborted) return transfer.fail('the server stops')
      transfer.start().catch(failed)
      this.#tick().catch((error: unknown) => this.#stopTicking(error))
    })
  }

  async #tick(): Promise<void> {
    if (this.#ticking) return
    this.#ticking = true
    while (this.#table.size > 0 && !this.#stopping.signal.aborted) {
      await this.#options.clock.sleep(tickMs)
      for (const running of this.#table.values()) running?.transfer?.tick()
    }
    this.#ticking = false
  }

  /** Without ticks a transfer would never time out, so all of them fail. */
  #stopTicking(error: unknown): void {
    this.#ticking = false
    for (const running of this.#table.values()) running?.transfer?.fail(reasonOf(error))
  }

  #report(request: TftpRequest, peer: TftpPeer, end: Omit<TftpEvent, 'peer' | 'file'>): void {
    const { address, port } = peer
    this.#options.report?.({ peer: { address, port }, file: request.file, ...end })
  }
}

const reasonOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error)

function readRequest(bytes: Buffer): TftpPacket | TftpProtocolError {
  try {
    return decodePacket(bytes)
  } catch (error) {
    if (error instanceof TftpProtocolError) return error
    throw error
  }
}
