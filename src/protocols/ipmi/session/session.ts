import type { Clock } from '../../../clock.js'
import {
  decodeResponse,
  encodeRequest,
  type Checksums,
  type IpmiRequest,
} from '../codec/message.js'
import { authTypeRmcpPlus, decodeV20, encodeV20, noKeys, payloadType } from '../codec/packet-v20.js'
import { le32 } from '../codec/reader.js'
import { integrityAlgorithm } from '../codec/suites.js'
import { decodeRmcp, rmcpClass } from '../codec/rmcp.js'
import { unwrapBridged, type Bridge, wrapBridged } from './bridge.js'
import { IpmiCompletionError, IpmiPrivilegeError } from '../errors.js'
import { completionCodes } from '../codec/completion-codes.js'
import type { Opened } from './handshake.js'
import type { Transport } from './transport.js'
import { SequenceWindow } from './window.js'
import { Wire, type Limits, type Timing } from './wire.js'

export interface RequestOptions extends Limits {
  /** Never sent twice, because doing it twice is another thing than doing it once. */
  readonly once?: boolean
  readonly tries?: number
  readonly bridge?: Bridge | null
}

interface SessionPacket {
  readonly type: number
  readonly payload: Buffer
}

const defaultTries = 4
const app = 0x06

/** An open session: numbers, signs and encrypts what goes out, checks what comes in. */
export class Session {
  readonly #opened: Opened
  readonly #wire: Wire<SessionPacket>
  readonly #window = new SequenceWindow()
  readonly #clock: Clock
  readonly #payloads = new Map<number, (payload: Buffer) => void>()
  #sequence = 0
  #requests = 0
  lastUsed: number

  constructor(transport: Transport, opened: Opened, clock: Clock, timing: Timing) {
    this.#opened = opened
    this.#clock = clock
    this.lastUsed = clock.now().getTime()
    this.#wire = new Wire(transport, clock, timing, (packet) => this.#decode(packet))
  }

  get suite(): number {
    return this.#opened.suite.id
  }
  get dropped(): number {
    return this.#wire.dropped
  }

  /**
   * Sends a command and waits for its answer.
   * @returns the data after the completion code
   * @throws IpmiCompletionError, IpmiPrivilegeError, IpmiTimeout, IpmiUnreachable
   */
  async request(request: IpmiRequest, options: RequestOptions): Promise<Buffer> {
    const { bridge = null } = options
    const sequence = this.#requests++ % 64
    const message = bridge === null ? request : wrapBridged(request, sequence, bridge)
    const response = await this.#wire.ask({
      what: nameOf(request),
      packet: () => this.#packet(payloadType.ipmi, encodeRequest(message, sequence)),
      accept: (packet) => {
        if (packet.type !== payloadType.ipmi) return undefined
        const answer = decodeResponse(packet.payload, this.#checksums)
        if (answer.sequence !== sequence) return undefined
        if (bridge === null) return matching(answer, request)
        return unwrapBridged(answer, request, this.#checksums)
      },
      tries: options.tries ?? defaultTries,
      limits: options,
      ...(options.once === undefined ? {} : { once: options.once }),
    })
    this.lastUsed = this.#clock.now().getTime()
    if (response.code === completionCodes.ok) return Buffer.from(response.data)
    if (response.code === completionCodes.insufficientPrivilege) {
      throw new IpmiPrivilegeError(`${nameOf(request)} was refused: insufficient privilege level`)
    }
    throw new IpmiCompletionError(request.netFn, request.command, response.code)
  }

  /** Sends a payload of another kind than commands. */
  send(type: number, payload: Buffer): void {
    this.#wire.send(this.#packet(type, payload))
  }

  /** Who gets payloads of a kind. */
  onPayload(type: number, handler: (payload: Buffer) => void): void {
    this.#payloads.set(type, handler)
  }

  /** Asks the BMC to forget the session, once: it does so by itself in the end. */
  async close(limits: Limits): Promise<void> {
    const data = le32(this.#opened.bmcSession)
    await this.request({ netFn: app, command: 0x3c, data }, { ...limits, tries: 1 })
  }

  /** A signed packet has reached us as the BMC sent it, whatever its checksums say. */
  get #checksums(): Checksums {
    return this.#opened.keys.integrity === integrityAlgorithm.none ? 'checked' : 'ignored'
  }

  #packet(type: number, payload: Buffer): Buffer {
    const { bmcSession, keys } = this.#opened
    this.#sequence = this.#sequence === 0xffff_ffff ? 1 : this.#sequence + 1
    return encodeV20({ type, sessionId: bmcSession, sequence: this.#sequence, payload }, keys)
  }

  #decode(bytes: Buffer): SessionPacket | undefined {
    const { class: of, body } = decodeRmcp(bytes)
    if (of !== rmcpClass.ipmi || body[0] !== authTypeRmcpPlus) return undefined
    const mine = this.#opened.consoleSession
    const packet = decodeV20(body, (id) => (id === mine ? this.#opened.keys : noKeys))
    if (packet.sessionId !== mine || !this.#window.accept(packet.sequence)) return undefined
    const handler = this.#payloads.get(packet.type)
    if (handler === undefined) return packet
    handler(packet.payload)
    return undefined
  }
}

function matching<T extends { netFn: number; command: number }>(
  answer: T,
  request: IpmiRequest,
): T | undefined {
  const same = answer.netFn === request.netFn + 1 && answer.command === request.command
  return same ? answer : undefined
}

const nameOf = (request: IpmiRequest): string =>
  `netFn 0x${request.netFn.toString(16).padStart(2, '0')} command 0x${request.command.toString(16).padStart(2, '0')}`
