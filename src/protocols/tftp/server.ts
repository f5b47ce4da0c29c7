import { createSocket } from 'node:dgram'
import type { RemoteInfo, Socket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import { isDeepStrictEqual } from 'node:util'
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
  /** Resolves to the content of a file. A TftpRefusal becomes the ERROR packet it describes. */
  readonly open: (file: string, peer: TftpPeer, signal: AbortSignal) => Promise<TftpContent>
  /** Called at the end of every request, whatever the outcome. */
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
  /** What `open` resolved to; null when it did not. */
  readonly content: TftpContent | null
}

export interface TftpServer {
  readonly port: number
  readonly transfers: () => number
  /** Ends all transfers and resolves when the sockets are closed. */
  close(): Promise<void>
}

const defaultMaxTransfers = 1000
/** How often silent transfers are looked for, while there is a transfer. */
const tickMs = 50
const bufferBytes = 1024 * 1024
const stopReason = 'the server stops'
const replacedReason = 'the client sent another request from the same port'

/** The transfer of one port of a client. */
interface Running {
  readonly request: TftpRequest
  /** Aborted when another request takes its place. */
  readonly replaced: AbortController
  /** Unset while the file is being opened. */
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
  /** By address and port of the client. */
  readonly #table = new Map<string, Running>()
  readonly #stopping = new AbortController()
  #ticking = false

  constructor(options: TftpServerOptions, socket: Socket) {
    this.#options = options
    this.#socket = socket
    this.port = socket.address().port
    socket.on('message', (bytes, peer) => this.#receive(bytes, peer))
    // A send failed; the client repeats its request.
    socket.on('error', () => undefined)
  }

  transfers = (): number => this.#table.size

  async close(): Promise<void> {
    this.#stopping.abort(new Error(stopReason))
    for (const { transfer } of this.#table.values()) transfer?.fail(stopReason)
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

  /**
   * A port that has a transfer already may repeat its request, because the answer was lost, or ask
   * for another file: boot ROMs count ports up from a fixed start, so that one that was reset comes
   * back with the port of its last life.
   */
  #onRequest(request: TftpRequest, peer: RemoteInfo): void {
    const key = `${peer.address} ${peer.port}`
    const before = this.#table.get(key)
    if (before !== undefined) {
      if (isSameRequest(before.request, request) && !isLeftOver(before)) {
        before.transfer?.repeatAnswer()
        return
      }
      before.replaced.abort(new Error(replacedReason))
      before.transfer?.abandon(replacedReason)
      this.#table.delete(key)
    }
    if (this.#table.size >= (this.#options.maxTransfers ?? defaultMaxTransfers)) {
      return this.#refuse(peer, 'too many transfers, try again', tftpErrors.undefined)
    }
    const running: Running = { request, replaced: new AbortController() }
    this.#table.set(key, running)
    this.#serve(running, peer)
      .catch((error: unknown) => {
        const reason = reasonOf(error)
        this.#report(request, peer, { outcome: 'failed', bytes: 0, reason, content: null })
      })
      .finally(() => {
        if (this.#table.get(key) === running) this.#table.delete(key)
      })
  }

  /** Sends every failure to the client and reports it. */
  async #serve(running: Running, peer: TftpPeer): Promise<void> {
    const { request, replaced } = running
    let content: TftpContent | null = null
    try {
      const signal = AbortSignal.any([this.#stopping.signal, replaced.signal])
      content = await this.#options.open(request.file, peer, signal)
      replaced.signal.throwIfAborted()
      const end = await this.#transfer(running, peer, content)
      this.#report(request, peer, { ...end, content })
    } catch (error) {
      const refusal = error instanceof TftpRefusal ? error : undefined
      const reason = reasonOf(error)
      if (!replaced.signal.aborted) {
        this.#refuse(peer, refusal?.message ?? 'the file cannot be read', refusal?.code ?? 0)
      }
      this.#report(request, peer, { outcome: 'refused', bytes: 0, reason, content })
    } finally {
      await content?.close()
    }
  }

  async #transfer(running: Running, peer: TftpPeer, content: TftpContent): Promise<TransferEnd> {
    const netascii = running.request.mode === 'netascii'
    const terms = negotiate(running.request, netascii ? null : content.size)
    const socket = newSocket(peer.address)
    try {
      await bound(socket, 0, isIPv6(this.#options.host) ? '::' : this.#options.host)
      await connected(socket, peer)
      running.replaced.signal.throwIfAborted()
      const reader = blockReader(content, terms.blockSize, netascii)
      return await this.#run(running, socket, { reader, terms })
    } finally {
      await closed(socket)
    }
  }

  #run(
    running: Running,
    socket: Socket,
    parts: Pick<Parameters<typeof createTransfer>[0], 'reader' | 'terms'>,
  ): Promise<TransferEnd> {
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
      if (this.#stopping.signal.aborted) return transfer.fail(stopReason)
      transfer.start().catch(failed)
      this.#tick().catch((error: unknown) => this.#stopTicking(error))
    })
  }

  async #tick(): Promise<void> {
    if (this.#ticking) return
    this.#ticking = true
    while (this.#table.size > 0 && !this.#stopping.signal.aborted) {
      await this.#options.clock.sleep(tickMs)
      for (const { transfer } of this.#table.values()) transfer?.tick()
    }
    this.#ticking = false
  }

  /** Without ticks a transfer would never time out, so all of them fail. */
  #stopTicking(error: unknown): void {
    this.#ticking = false
    for (const { transfer } of this.#table.values()) transfer?.fail(reasonOf(error))
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

const isSameRequest = (a: TftpRequest, b: TftpRequest): boolean =>
  isDeepStrictEqual([a.file, a.mode, a.options], [b.file, b.mode, b.options])

/**
 * Whether a repeated request means a client that starts over: the transfer has got past its first
 * answer and its client is silent. While the client acknowledges, the request is a late copy.
 */
const isLeftOver = ({ transfer }: Running): boolean =>
  transfer !== undefined && transfer.hasAnswer() && !transfer.isLive()
