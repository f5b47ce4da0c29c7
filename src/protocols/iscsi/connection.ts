/** A TCP connection that carries PDUs, and what is noticed about it: silence and its end. */
import { connect, type Socket } from 'node:net'
import { encodePdu, IscsiError, takePdu, type Pdu } from './pdu.js'

export interface ConnectionOptions {
  readonly host: string
  readonly port: number
  /** Nothing may take longer to come, while something is awaited. */
  readonly silenceMs: number
  readonly signal: AbortSignal
  onPdu(pdu: Pdu): void
  /** Called once; nothing comes after it. */
  onEnd(error: Error): void
}

export interface Connection {
  /** Resolves when it may be sent more. */
  send(header: Buffer, data?: Buffer): Promise<void>
  /** Whether something is awaited, so that silence counts. */
  await(pending: boolean): void
  close(): void
}

/** @throws IscsiError when the target cannot be reached */
export async function openConnection(options: ConnectionOptions): Promise<Connection> {
  const { host, port, silenceMs, signal } = options
  const socket = await connected(options)
  socket.setNoDelay(true)
  let received: Buffer = Buffer.alloc(0)
  let ended = false
  let draining: Promise<void> | null = null
  const end = (error: Error) => {
    if (ended) return
    ended = true
    signal.removeEventListener('abort', aborted)
    socket.destroy()
    options.onEnd(error)
  }
  const aborted = () => end(signal.reason as Error)
  signal.addEventListener('abort', aborted, { once: true })
  socket.on('data', (chunk) => {
    try {
      received = received.length === 0 ? chunk : Buffer.concat([received, chunk])
      for (let next = takePdu(received); next !== null; next = takePdu(received)) {
        received = next.rest
        options.onPdu(next.pdu)
      }
    } catch (error) {
      end(error as Error)
    }
  })
  const where = `The iSCSI target at ${host}:${port}`
  socket.on('error', (e) => end(new IscsiError(`${where} is gone: ${e.message}`, { cause: e })))
  socket.on('close', () => end(new IscsiError(`${where} closed the connection`)))
  socket.on('timeout', () => end(new IscsiError(`${where} was silent for ${silenceMs / 1000} s`)))
  return {
    async send(header, data) {
      if (ended) throw new IscsiError(`${where} is gone`)
      socket.cork()
      let more = true
      for (const part of encodePdu(header, data)) more = socket.write(part)
      socket.uncork()
      draining ??= more ? null : drained(socket).finally(() => (draining = null))
      if (draining !== null) await draining
    },
    await: (pending) => {
      socket.setTimeout(pending ? silenceMs : 0)
    },
    close: () => end(new IscsiError(`The session with ${host}:${port} is closed`)),
  }
}

function connected({ host, port, silenceMs, signal }: ConnectionOptions): Promise<Socket> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted()
    const socket = connect({ host, port, timeout: silenceMs, signal })
    const fail = (reason: string, cause?: unknown) => {
      socket.destroy()
      const text = `The iSCSI target at ${host}:${port} cannot be reached: ${reason}`
      reject(signal.aborted ? (signal.reason as Error) : new IscsiError(text, { cause }))
    }
    socket.once('error', (error) => fail(error.message, error))
    socket.once('timeout', () => fail('it did not answer'))
    socket.once('connect', () => {
      socket.removeAllListeners('error')
      socket.removeAllListeners('timeout')
      resolve(socket)
    })
  })
}

const drained = (socket: Socket): Promise<void> =>
  new Promise((resolve) => {
    const done = () => {
      socket.off('drain', done)
      socket.off('close', done)
      resolve()
    }
    socket.on('drain', done)
    socket.on('close', done)
  })
