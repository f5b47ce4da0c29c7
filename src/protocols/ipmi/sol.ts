import type { Clock } from '../../clock.js'
import { payloadType } from './codec/packet-v20.js'
import { Reader } from './codec/reader.js'
import { decodeSol, encodeSol, solStatus, type SolPacket } from './codec/sol.js'
import type { Requester } from './requester.js'
import { IpmiCompletionError, IpmiSessionError } from './errors.js'
import type { Session } from './session/session.js'

/** Serial over LAN (IPMI 2.0, 15, 24): the machine's serial line through the BMC. */

const app = 0x06
const instance = 1
const alreadyActive = 0x80
const notActive = new Set([0x80, 0x81, 0xcc])

/** Deactivate Payload: ends a console, whoever has it. None there is as good. */
export async function deactivateSol(bmc: Requester): Promise<void> {
  const data = Buffer.from([payloadType.sol, instance, 0, 0, 0, 0])
  try {
    await bmc.request({ netFn: app, command: 0x49, data })
  } catch (error) {
    if (!(error instanceof IpmiCompletionError) || !notActive.has(error.code)) throw error
  }
}

/** @returns the most bytes of a packet to the BMC */
async function activate(bmc: Requester, encrypts: boolean): Promise<number> {
  const flags = encrypts ? 0xc0 : 0x00
  const data = Buffer.from([payloadType.sol, instance, flags, 0, 0, 0])
  const answer = await bmc.request({ netFn: app, command: 0x48, data })
  const largest = new Reader(answer, 'SOL activation').skip(4).u16()
  return Math.max(1, Math.min(largest, 255) - headerBytes)
}

const headerBytes = 4
const retryMs = 500
const mostTries = 12

export interface SolHandlers {
  /** What the machine printed. */
  data(bytes: Buffer): void
  /** The console has ended: by the BMC, or because it answers no more. */
  ended(error: Error): void
}

/** A console that is open. */
export class SolConsole {
  readonly #session: Session
  readonly #clock: Clock
  readonly #handlers: SolHandlers
  readonly #chunk: number
  readonly #stop = new AbortController()
  #queue: Buffer[] = []
  #sending = false
  #sequence = 0
  #waiting: ((packet: SolPacket) => void) | null = null
  #lastReceived = 0
  #lastTaken = 0

  private constructor(session: Session, clock: Clock, handlers: SolHandlers, chunk: number) {
    this.#session = session
    this.#clock = clock
    this.#handlers = handlers
    this.#chunk = chunk
    session.onPayload(payloadType.sol, (payload) => this.#receive(decodeSol(payload)))
  }

  /**
   * Opens the console. One that somebody else has is taken over.
   * @throws IpmiCompletionError, IpmiTimeout
   */
  static async open(
    session: Session,
    bmc: Requester,
    clock: Clock,
    handlers: SolHandlers,
  ): Promise<SolConsole> {
    const encrypts = session.suite === 3 || session.suite === 17
    let chunk: number
    try {
      chunk = await activate(bmc, encrypts)
    } catch (error) {
      if (!(error instanceof IpmiCompletionError) || error.code !== alreadyActive) throw error
      await deactivateSol(bmc)
      chunk = await activate(bmc, encrypts)
    }
    const console = new SolConsole(session, clock, handlers, chunk)
    await console.#begin()
    return console
  }

  /**
   * Some BMCs (OpenIPMI's among them) remember the last sequence number of the console before and
   * take the first characters for a repetition when they carry the same. A packet without
   * characters goes ahead, so that there is nothing to lose; not every BMC acknowledges it.
   */
  async #begin(): Promise<void> {
    const packet = { ...this.#next(), data: Buffer.alloc(0) }
    this.#session.send(payloadType.sol, encodeSol(packet))
    await this.#acknowledgement(packet.sequence)
  }

  #next(): Omit<SolPacket, 'data'> {
    this.#sequence = (this.#sequence % 15) + 1
    return { sequence: this.#sequence, acknowledged: 0, accepted: 0, bits: 0 }
  }

  /** Types on the console. */
  write(bytes: Buffer): void {
    for (let at = 0; at < bytes.length; at += this.#chunk) {
      this.#queue.push(bytes.subarray(at, at + this.#chunk))
    }
    if (this.#sending) return
    this.#sending = true
    this.#sendAll().catch((error: unknown) => {
      if (!this.#stop.signal.aborted) this.#handlers.ended(error as Error)
    })
  }

  close(): void {
    this.#stop.abort()
  }

  async #sendAll(): Promise<void> {
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      for (let left = next; left.length > 0;) left = left.subarray(await this.#deliver(left))
    }
    this.#sending = false
  }

  /** Sends a packet until it is acknowledged. @returns how many bytes the BMC took */
  async #deliver(data: Buffer): Promise<number> {
    const packet = { ...this.#next(), data }
    for (let attempt = 0; attempt < mostTries; attempt += 1) {
      this.#session.send(payloadType.sol, encodeSol(packet))
      const answer = await this.#acknowledgement(packet.sequence)
      if (answer === null) continue
      if ((answer.bits & solStatus.refused) === 0) return Math.min(answer.accepted, data.length)
      await this.#clock.sleep(retryMs, this.#stop.signal)
      if (answer.accepted > 0) return Math.min(answer.accepted, data.length)
    }
    throw new IpmiSessionError('the BMC takes no more characters')
  }

  async #acknowledgement(sequence: number): Promise<SolPacket | null> {
    const done = new AbortController()
    const answer = new Promise<SolPacket>((resolve) => {
      this.#waiting = (packet) => {
        if (packet.acknowledged === sequence) resolve(packet)
      }
    })
    const signal = AbortSignal.any([done.signal, this.#stop.signal])
    const late = this.#clock.sleep(retryMs, signal).then(() => null)
    try {
      return await Promise.race([answer, late])
    } finally {
      this.#waiting = null
      done.abort()
      await Promise.allSettled([late])
    }
  }

  #receive(packet: SolPacket): void {
    if (packet.acknowledged !== 0) this.#waiting?.(packet)
    if (packet.sequence !== 0) this.#take(packet)
    if ((packet.bits & solStatus.ending) !== 0 && packet.data.length === 0) {
      this.#handlers.ended(new IpmiSessionError('the BMC has ended the console'))
    }
  }

  /** A packet may come again, with more in it than before: only what is new counts. */
  #take({ sequence, data }: SolPacket): void {
    const again = sequence === this.#lastReceived
    const fresh = again ? data.subarray(this.#lastTaken) : data
    this.#lastReceived = sequence
    this.#lastTaken = again ? Math.max(this.#lastTaken, data.length) : data.length
    const accepted = Math.min(data.length, 255)
    const acknowledge = { sequence: 0, acknowledged: sequence, accepted, bits: 0 }
    this.#session.send(payloadType.sol, encodeSol({ ...acknowledge, data: Buffer.alloc(0) }))
    if (fresh.length > 0) this.#handlers.data(fresh)
  }
}
