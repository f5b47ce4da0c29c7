// A BMC of our own, for what ipmi_sim has not: cipher suite 17, a thousand of them in one process,
// a record of every command with its time. `ipmitool` speaks to it as to any other.
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { randomBytes } from 'node:crypto'
import { decodeV15, encodeSessionless } from '../../src/protocols/ipmi/codec/packet-v15.js'
import {
  decodeV20,
  encodeV20,
  noKeys,
  payloadType,
  type PacketKeys,
} from '../../src/protocols/ipmi/codec/packet-v20.js'
import {
  derivedKeys,
  rakp2Hash,
  rakp3Hash,
  rakp4Hash,
  sessionKey,
  type RakpState,
} from '../../src/protocols/ipmi/codec/rakp.js'
import { IpmiProtocolError } from '../../src/protocols/ipmi/errors.js'
import { le32 } from '../../src/protocols/ipmi/codec/reader.js'
import {
  cipherSuite,
  knownSuites,
  type CipherSuite,
} from '../../src/protocols/ipmi/codec/suites.js'

export interface SeenCommand {
  readonly netFn: number
  readonly command: number
  readonly data: Buffer
  /** Milliseconds of `performance.now()`. */
  readonly at: number
}

interface OpenSession {
  state: RakpState
  bmcRandom: Buffer
  keys: PacketKeys
  sequence: number
}

export interface ResponderOptions {
  readonly username?: string
  readonly password?: string
  readonly suites?: readonly number[]
  readonly bmcKey?: Buffer
  readonly mostPrivilege?: number
  /**
   * How answers of controllers behind it come: in the answer to Send Message, or after it as
   * messages of their own (IPMI 2.0, 6.13.3).
   */
  readonly bridging?: 'embedded' | 'apart'
  /** What it says of its sessions: how many it can have, how many others have; null: nothing. */
  readonly slots?: { readonly possible: number; readonly others: number } | null
  /** Its firmware computes the checksum of answers in a session wrongly. */
  readonly wrongChecksums?: boolean
}

/** A controller on a bus: it says what it is, and passes on what is sent through it. */
const productOf = (address: number): number => 0x0f00 | address

const guid = Buffer.alloc(16, 0xb3)
const sum = (bytes: Buffer): number => -bytes.reduce((a, b) => a + b, 0) & 0xff

/** An answer to a message: completion code and data between the addresses and checksums. */
function answerTo(message: Buffer, answer: Buffer): Buffer {
  const [to = 0, netFnLun = 0, , from = 0, sequence = 0, command = 0] = message
  const head = Buffer.from([from, (((netFnLun >> 2) + 1) << 2) | (netFnLun & 3)])
  const body = Buffer.concat([Buffer.from([to, sequence, command]), answer])
  return Buffer.concat([head, Buffer.from([sum(head)]), body, Buffer.from([sum(body)])])
}

const isSendMessage = (message: Buffer): boolean =>
  (message[1] ?? 0) >> 2 === 0x06 && message[5] === 0x34

export class IpmiResponder implements AsyncDisposable {
  readonly seen: SeenCommand[] = []
  power = false
  bootFlags = Buffer.alloc(5)
  readonly #options: Required<Omit<ResponderOptions, 'bmcKey'>> & { bmcKey: Buffer | null }
  readonly #socket: Socket
  readonly #sessions = new Map<number, OpenSession>()
  #last = 0

  private constructor(socket: Socket, options: ResponderOptions) {
    this.#socket = socket
    this.#options = {
      username: 'admin',
      password: 'secret',
      suites: [3, 17],
      mostPrivilege: 4,
      bridging: 'embedded',
      slots: null,
      wrongChecksums: false,
      ...options,
      bmcKey: options.bmcKey ?? null,
    }
    socket.on('message', (packet, from) => this.#receive(packet, from))
  }

  static async start(options: ResponderOptions = {}, port = 0): Promise<IpmiResponder> {
    const socket = createSocket('udp4')
    await new Promise<void>((resolve) => socket.bind(port, '127.0.0.1', resolve))
    return new IpmiResponder(socket, options)
  }

  get port(): number {
    return this.#socket.address().port
  }

  /** How many sessions are open. */
  get sessions(): number {
    return this.#sessions.size
  }

  /** It restarts. */
  forget(): void {
    this.#sessions.clear()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Promise<void>((resolve) => this.#socket.close(resolve))
  }

  #receive(packet: Buffer, from: RemoteInfo): void {
    const body = packet.subarray(4)
    for (const answer of this.#answers(body)) this.#socket.send(answer, from.port, from.address)
  }

  /** None to what makes no sense, such as a packet of a session that is no more. */
  #answers(body: Buffer): Buffer[] {
    try {
      return body[0] === 0x06 ? this.#rmcpPlus(body) : [this.#sessionless(body)]
    } catch (error) {
      if (error instanceof IpmiProtocolError) return []
      throw error
    }
  }

  #sessionless(body: Buffer): Buffer {
    const { message } = decodeV15(body)
    return encodeSessionless(this.#command(message))
  }

  #rmcpPlus(body: Buffer): Buffer[] {
    const packet = decodeV20(body, (id) => this.#sessions.get(id)?.keys ?? noKeys)
    const { type, payload } = packet
    const plain = (of: number, bytes: Buffer): Buffer[] => [
      encodeV20({ type: of, sessionId: 0, sequence: 0, payload: bytes }),
    ]
    if (type === payloadType.openRequest)
      return plain(payloadType.openResponse, this.#open(payload))
    if (type === payloadType.rakp1) return plain(payloadType.rakp2, this.#rakp1(payload))
    if (type === payloadType.rakp3) return plain(payloadType.rakp4, this.#rakp3(payload))
    if (packet.sessionId === 0) {
      return plain(payloadType.ipmi, this.#command(payload))
    }
    const session = this.#sessions.get(packet.sessionId)
    if (session === undefined || type !== payloadType.ipmi) return []
    const sessionId = session.state.consoleSession
    return this.#commands(payload).map((answer) => {
      session.sequence += 1
      if (this.#options.wrongChecksums) answer[answer.length - 1]! ^= 0x55
      const { sequence, keys } = session
      return encodeV20({ type, sessionId, sequence, payload: answer }, keys)
    })
  }

  /** The answers to a message: more than one where a controller behind this one is asked. */
  #commands(message: Buffer): Buffer[] {
    const { bridging } = this.#options
    if (bridging === 'embedded' || !isSendMessage(message)) return [this.#command(message)]
    this.#note(message)
    const passedOn = message.subarray(7, -1)
    const acknowledged = answerTo(message, Buffer.from([0]))
    return [acknowledged, ...this.#behind(passedOn)]
  }

  /** What a controller on the bus answers, and those behind it. */
  #behind(message: Buffer): Buffer[] {
    const [address = 0] = message
    if (isSendMessage(message)) {
      const further = this.#behind(message.subarray(7, -1))
      if (this.#options.bridging === 'apart')
        return [answerTo(message, Buffer.from([0])), ...further]
      return [answerTo(message, Buffer.concat([Buffer.from([0]), ...further]))]
    }
    const isDeviceId = (message[1] ?? 0) >> 2 === 0x06 && message[5] === 0x01
    if (!isDeviceId) return [answerTo(message, Buffer.from([0xc1]))]
    const product = [productOf(address) & 0xff, productOf(address) >> 8]
    return [
      answerTo(message, Buffer.from([0, address, 1, 1, 0, 2, 0xbf, 0x7c, 0x2a, 0, ...product])),
    ]
  }

  #note(message: Buffer): void {
    const [, netFnLun = 0, , , , command = 0] = message
    const data = Buffer.from(message.subarray(6, -1))
    this.seen.push({ netFn: netFnLun >> 2, command, data, at: performance.now() })
  }

  #open(request: Buffer): Buffer {
    const tag = request[0] ?? 0
    const suite = knownSuites()
      .map((id) => cipherSuite(id) as CipherSuite)
      .find(
        (one) =>
          this.#options.suites.includes(one.id) &&
          one.authentication === request[12] &&
          one.integrity === request[20] &&
          one.confidentiality === request[28],
      )
    if (suite === undefined) return Buffer.from([tag, 0x11, 0, 0, 0, 0, 0, 0])
    const id = ++this.#last
    const consoleSession = request.readUInt32LE(4)
    const state: RakpState = {
      suite,
      username: Buffer.alloc(0),
      userKey: Buffer.from(this.#options.password),
      bmcKey: this.#options.bmcKey ?? Buffer.from(this.#options.password),
      role: 0,
      consoleSession,
      bmcSession: id,
      consoleRandom: Buffer.alloc(16),
    }
    this.#sessions.set(id, { state, bmcRandom: randomBytes(16), keys: noKeys, sequence: 0 })
    return Buffer.concat([
      Buffer.from([tag, 0, 4, 0]),
      le32(consoleSession),
      le32(id),
      request.subarray(8, 32),
    ])
  }

  #rakp1(request: Buffer): Buffer {
    const tag = request[0] ?? 0
    const session = this.#sessions.get(request.readUInt32LE(4))
    if (session === undefined) return Buffer.from([tag, 0x02, 0, 0, 0, 0, 0, 0])
    const username = Buffer.from(request.subarray(28, 28 + (request[27] ?? 0)))
    const refuse = Buffer.from([tag, 0x0d, 0, 0, ...le32(session.state.consoleSession)])
    if (username.toString() !== this.#options.username) return refuse
    const consoleRandom = Buffer.from(request.subarray(8, 24))
    session.state = { ...session.state, username, consoleRandom, role: request[24] ?? 0 }
    return Buffer.concat([
      Buffer.from([tag, 0, 0, 0]),
      le32(session.state.consoleSession),
      session.bmcRandom,
      guid,
      rakp2Hash(session.state, session.bmcRandom, guid),
    ])
  }

  #rakp3(request: Buffer): Buffer {
    const tag = request[0] ?? 0
    const session = this.#sessions.get(request.readUInt32LE(4))
    const wanted = session && rakp3Hash(session.state, session.bmcRandom)
    if (session === undefined || wanted?.equals(request.subarray(8)) !== true) {
      return Buffer.from([tag, 0x0f, 0, 0, 0, 0, 0, 0])
    }
    const { state } = session
    const sik = sessionKey(state, session.bmcRandom)
    const { integrity, confidentiality } = state.suite
    session.keys = { integrity, confidentiality, ...derivedKeys(state.suite, sik) }
    const head = [Buffer.from([tag, 0, 0, 0]), le32(state.consoleSession)]
    return Buffer.concat([...head, rakp4Hash(state, sik, guid)])
  }

  /** Answers an IPMI message with one. */
  #command(message: Buffer): Buffer {
    this.#note(message)
    const [, netFnLun = 0, , , , command = 0] = message
    return answerTo(message, this.#answer(netFnLun >> 2, command, message.subarray(6, -1)))
  }

  #answer(netFn: number, command: number, data: Buffer): Buffer {
    const ok = (...bytes: number[]): Buffer => Buffer.from([0, ...bytes])
    switch ((netFn << 8) | command) {
      case 0x0638:
        return ok(1, 0x80, 0x04, 0x02, 0, 0, 0, 0)
      case 0x0654: {
        const records = this.#options.suites.flatMap((id) => {
          const one = cipherSuite(id) as CipherSuite
          return [0xc0, id, one.authentication, 0x40 | one.integrity, 0x80 | one.confidentiality]
        })
        const at = ((data[2] ?? 0) & 0x3f) * 16
        return ok(1, ...records.slice(at, at + 16))
      }
      case 0x063b:
        return (data[0] ?? 0) > this.#options.mostPrivilege ? Buffer.from([0x81]) : ok(data[0] ?? 0)
      case 0x063c:
        this.#sessions.delete(data.readUInt32LE(0))
        return ok()
      case 0x0634:
        return Buffer.concat([ok(), ...this.#behind(data.subarray(1))])
      case 0x063d: {
        const { slots } = this.#options
        if (slots === null) return Buffer.from([0xc1])
        return ok(1, slots.possible, slots.others + this.#sessions.size)
      }
      case 0x0601:
        return ok(0x20, 0x01, 1, 0x05, 0x02, 0xbf, 0x7c, 0x2a, 0x00, 1, 0)
      case 0x0001:
        return ok(this.power ? 1 : 0, 0, 0x40)
      case 0x0002:
        if (data[0] === 4) return ok()
        this.power = data[0] === 1 || data[0] === 2 || data[0] === 3
        return ok()
      case 0x0008:
        if (data[0] === 5) this.bootFlags = Buffer.from(data.subarray(1, 6))
        return ok()
      case 0x0009:
        return ok(1, data[0] ?? 0, ...(data[0] === 5 ? this.bootFlags : [0]))
      default:
        return Buffer.from([0xc1])
    }
  }
}
