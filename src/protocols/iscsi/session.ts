/**
 * A session with one target over one connection: SCSI commands in, their data and status out.
 * There is no recovery: when anything is lost the session ends, and all that waits fails.
 */
import { openConnection, type Connection } from './connection.js'
import { login, type Negotiated } from './login.js'
import { encodeLun, immediate, IscsiError, newHeader, noTag, opcode, type Pdu } from './pdu.js'

export interface SessionOptions {
  readonly host: string
  readonly port: number
  readonly target: string
  readonly initiator: string
  readonly lun: number
  readonly silenceMs: number
  readonly signal: AbortSignal
}

export interface Command {
  readonly cdb: Buffer
  /** Bytes the command reads at most. */
  readonly read?: number
  readonly write?: Buffer
}
export interface Outcome {
  /** SCSI status: 0 is good, 2 comes with sense data. */
  readonly status: number
  readonly data: Buffer
  readonly sense: Buffer
}

export interface IscsiSession {
  /** @throws IscsiError when the session ends before the command does */
  execute(command: Command): Promise<Outcome>
  /** Logs out and closes; never throws, a target that is gone needs no good-bye. */
  close(): Promise<void>
}

interface Waiting {
  readonly command: Command
  readonly data: Buffer
  received: number
  resolve(outcome: Outcome): void
  reject(error: Error): void
}

/** @throws IscsiError */
export async function openSession(options: SessionOptions): Promise<IscsiSession> {
  const session = new Session(options)
  await session.open()
  return session
}

class Session implements IscsiSession {
  readonly #options: SessionOptions
  readonly #lun: Buffer
  readonly #waiting = new Map<number, Waiting>()
  readonly #blocked: (() => void)[] = []
  #connection: Connection | null = null
  #answer: ((pdu: Pdu) => void) | null = null
  #refuse: ((error: Error) => void) | null = null
  #ended: Error | null = null
  #tag = 1
  #limits: Negotiated = { segment: 8192, statSn: 0, cmdSn: 0, maxCmdSn: 0 }
  #statSn = 0
  #cmdSn = 0
  #maxCmdSn = 0

  constructor(options: SessionOptions) {
    this.#options = options
    this.#lun = encodeLun(options.lun)
  }

  async open(): Promise<void> {
    const { host, port, silenceMs, signal, initiator, target } = this.#options
    this.#connection = await openConnection({
      host,
      port,
      silenceMs,
      signal,
      onPdu: (pdu) => this.#received(pdu),
      onEnd: (error) => this.#end(error),
    })
    try {
      this.#limits = await login((header, data) => this.#ask(header, data), { initiator, target })
    } catch (error) {
      this.#connection.close()
      throw error
    }
    this.#statSn = this.#limits.statSn
    this.#cmdSn = this.#limits.cmdSn
    this.#maxCmdSn = this.#limits.maxCmdSn
  }

  async execute(command: Command): Promise<Outcome> {
    await this.#window()
    const tag = this.#nextTag()
    const header = newHeader(opcode.command, commandFlags(command))
    this.#lun.copy(header, 8)
    header.writeUInt32BE(tag, 16)
    header.writeUInt32BE(command.write?.length ?? command.read ?? 0, 20)
    header.writeUInt32BE(this.#cmdSn, 24)
    header.writeUInt32BE(this.#statSn, 28)
    command.cdb.copy(header, 32)
    this.#cmdSn = (this.#cmdSn + 1) >>> 0
    const data = Buffer.alloc(command.read ?? 0)
    const outcome = new Promise<Outcome>((resolve, reject) => {
      this.#waiting.set(tag, { command, data, received: 0, resolve, reject })
    })
    this.#connection?.await(true)
    // Its failure is the outcome's failure: both come from the end of the connection.
    await Promise.all([outcome, this.#send(header)]).catch((error: unknown) => {
      this.#waiting.delete(tag)
      throw error
    })
    return outcome
  }

  async close(): Promise<void> {
    const connection = this.#connection
    if (connection === null || this.#ended !== null) return
    const header = newHeader(opcode.logout | immediate, 0x80)
    header.writeUInt32BE(this.#nextTag(), 16)
    header.writeUInt32BE(this.#cmdSn, 24)
    header.writeUInt32BE(this.#statSn, 28)
    // Whatever became of it: the connection ends here.
    await this.#ask(header, Buffer.alloc(0)).catch(() => undefined)
    connection.close()
  }

  #nextTag(): number {
    this.#tag = this.#tag >= 0x7fffffff ? 1 : this.#tag + 1
    return this.#tag
  }

  /** Waits until the target takes another command. */
  async #window(): Promise<void> {
    for (;;) {
      if (this.#ended !== null) throw this.#ended
      // Serial numbers wrap (RFC 7143, 4.2.2.1).
      if (((this.#maxCmdSn - this.#cmdSn) | 0) >= 0) return
      await new Promise<void>((resolve) => this.#blocked.push(resolve))
    }
  }

  async #send(header: Buffer, data?: Buffer): Promise<void> {
    if (this.#ended !== null) throw this.#ended
    await this.#connection?.send(header, data)
  }

  /** One request that is answered before anything else is sent: login, logout. */
  async #ask(header: Buffer, data: Buffer): Promise<Pdu> {
    this.#connection?.await(true)
    const answer = new Promise<Pdu>((resolve, reject) => {
      this.#answer = resolve
      this.#refuse = reject
    })
    const [pdu] = await Promise.all([answer, this.#send(header, data)])
    this.#connection?.await(this.#waiting.size > 0)
    return pdu
  }

  #end(error: Error): void {
    this.#ended = error
    this.#refuse?.(error)
    for (const waiting of this.#waiting.values()) waiting.reject(error)
    this.#waiting.clear()
    for (const wake of this.#blocked.splice(0)) wake()
  }

  #received(pdu: Pdu): void {
    const { header } = pdu
    const code = (header[0] ?? 0) & 0x3f
    if (code === opcode.loginResponse || code === opcode.logoutResponse) return this.#answer?.(pdu)
    this.#count(header, code)
    switch (code) {
      case opcode.dataIn:
        return this.#dataIn(pdu)
      case opcode.response:
        return this.#response(pdu)
      case opcode.r2t:
        return this.#readyToTransfer(header)
      case opcode.nopIn:
        return this.#nopIn(header)
      case opcode.async:
        throw new IscsiError(`The target ends the session (event ${header[36]})`)
      case opcode.reject:
        throw new IscsiError(`The target rejected a request (reason ${header[2]})`)
      default:
        throw new IscsiError(`The target sent 0x${code.toString(16)}, which is not expected`)
    }
  }

  #count(header: Buffer, code: number): void {
    const hasStatus =
      code !== opcode.r2t && (code !== opcode.dataIn || ((header[1] ?? 0) & 1) === 1)
    if (hasStatus && header.readUInt32BE(16) !== noTag) {
      this.#statSn = (header.readUInt32BE(24) + 1) >>> 0
    }
    const most = header.readUInt32BE(32)
    if (((most - this.#maxCmdSn) | 0) <= 0) return
    this.#maxCmdSn = most
    for (const wake of this.#blocked.splice(0)) wake()
  }

  #waitingFor(header: Buffer): Waiting {
    const waiting = this.#waiting.get(header.readUInt32BE(16))
    if (waiting === undefined) throw new IscsiError('The target answered what was not asked')
    return waiting
  }

  #dataIn({ header, data }: Pdu): void {
    const waiting = this.#waitingFor(header)
    const offset = header.readUInt32BE(40)
    if (offset + data.length > waiting.data.length) {
      throw new IscsiError('The target sent more than was asked for')
    }
    data.copy(waiting.data, offset)
    waiting.received += data.length
    const flags = header[1] ?? 0
    if ((flags & 1) === 1) this.#finish(header, header[3] ?? 0, Buffer.alloc(0))
  }

  #response({ header, data }: Pdu): void {
    if (header[2] !== 0) throw new IscsiError(`The target failed (response ${header[2]})`)
    const length = data.length >= 2 ? data.readUInt16BE(0) : 0
    this.#finish(header, header[3] ?? 0, data.subarray(2, 2 + length))
  }

  #finish(header: Buffer, status: number, sense: Buffer): void {
    const waiting = this.#waitingFor(header)
    this.#waiting.delete(header.readUInt32BE(16))
    this.#connection?.await(this.#waiting.size > 0)
    const data = waiting.data.subarray(0, waiting.received)
    waiting.resolve({ status, data, sense: Buffer.from(sense) })
  }

  #readyToTransfer(header: Buffer): void {
    const waiting = this.#waitingFor(header)
    const [offset, length] = [header.readUInt32BE(40), header.readUInt32BE(44)]
    const bytes = waiting.command.write ?? Buffer.alloc(0)
    if (length === 0 || offset + length > bytes.length) {
      throw new IscsiError('The target asked for more than there is')
    }
    const part = bytes.subarray(offset, offset + length)
    // A failure is the end of the connection, which the command hears of itself.
    this.#sendData(Buffer.from(header), part, offset).catch((error: unknown) =>
      waiting.reject(error as Error),
    )
  }

  async #sendData(r2t: Buffer, bytes: Buffer, offset: number): Promise<void> {
    const { segment } = this.#limits
    for (let at = 0, sn = 0; at < bytes.length; at += segment, sn++) {
      const last = at + segment >= bytes.length
      const header = newHeader(opcode.dataOut, last ? 0x80 : 0)
      this.#lun.copy(header, 8)
      r2t.copy(header, 16, 16, 24)
      header.writeUInt32BE(this.#statSn, 28)
      header.writeUInt32BE(sn, 36)
      header.writeUInt32BE(offset + at, 40)
      await this.#send(header, bytes.subarray(at, at + segment))
    }
  }

  /** The target asks whether we are still there. */
  #nopIn(header: Buffer): void {
    if (header.readUInt32BE(20) === noTag) return
    const answer = newHeader(opcode.nopOut | immediate, 0x80)
    header.copy(answer, 8, 8, 16)
    answer.writeUInt32BE(noTag, 16)
    header.copy(answer, 20, 20, 24)
    answer.writeUInt32BE(this.#cmdSn, 24)
    answer.writeUInt32BE(this.#statSn, 28)
    this.#send(answer).catch((error: unknown) => this.#end(error as Error))
  }
}

function commandFlags({ read, write }: Command): number {
  // Final, simple queueing.
  return 0x81 | ((read ?? 0) > 0 ? 0x40 : 0) | (write === undefined ? 0 : 0x20)
}
