import type { BlockReader } from './block-reader.js'
import type { TransferTerms } from './negotiate.js'
import { decodePacket, encodeData, encodeError, encodeOack, tftpErrors } from './packet.js'
import type { TftpPacket } from './packet.js'
import { createPace } from './pace.js'
import type { Pace } from './pace.js'

/** How a transfer ended. */
export type TransferEnd =
  | { readonly outcome: 'done'; readonly bytes: number }
  /** The client sent an ERROR. PXE ROMs request a size and then refuse the file. */
  | { readonly outcome: 'aborted'; readonly bytes: number; readonly reason: string }
  | { readonly outcome: 'failed'; readonly bytes: number; readonly reason: string }

export interface TransferSetup {
  readonly reader: BlockReader
  readonly terms: TransferTerms
  readonly send: (packet: Buffer | readonly Buffer[]) => void
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number
  readonly ended: (end: TransferEnd) => void
}

/** The transfer of one file to one client. */
export interface Transfer {
  /** Sends the OACK, or the first window when nothing was negotiated. */
  start(): Promise<void>
  /** Takes a datagram of the client. */
  receive(bytes: Buffer): Promise<void>
  /** Whether the client has answered at all. */
  hasAnswer(): boolean
  /** Whether the client has answered within the last second. */
  isLive(): boolean
  /** The request came once more because its answer was lost. */
  repeatAnswer(): void
  /** Sends blocks again that were not acknowledged in time, or gives up. */
  tick(): void
  /** Ends it from this side and sends the client an ERROR. */
  fail(reason: string): void
  /** Ends it without a packet, because the client's port belongs to another transfer now. */
  abandon(reason: string): void
}

/** A client that has not answered for this long may have restarted. */
const liveMs = 1000

/**
 * Creates the sending side (RFC 1350, 7440). `sent` holds the blocks after the last acknowledged one.
 * Numbers wrap at 65536, so only their distances are compared.
 */
export function createTransfer(setup: TransferSetup): Transfer {
  return new SendingTransfer(setup)
}

class SendingTransfer implements Transfer {
  readonly #setup: TransferSetup
  readonly #pace: Pace
  #sent: Buffer[] = []
  #acknowledged = 0
  #bytes = 0
  #awaitsOack: boolean
  #lastRead = false
  #rewound = false
  #filling = false
  #over = false
  #lastAnswer: number | null = null

  constructor(setup: TransferSetup) {
    this.#setup = setup
    this.#pace = createPace(setup.terms.timeoutMs)
    this.#awaitsOack = setup.terms.accepted.size > 0
  }

  async start(): Promise<void> {
    if (this.#awaitsOack) this.#sendOack()
    else await this.#sendWindow()
  }

  async receive(bytes: Buffer): Promise<void> {
    if (this.#over) return
    this.#lastAnswer = this.#setup.now()
    const packet = readPacket(bytes)
    if (packet?.kind === 'ack') await this.#onAck(packet.block)
    else if (packet?.kind === 'error') this.#end({ outcome: 'aborted', reason: packet.message })
    else this.#refuse()
  }

  hasAnswer(): boolean {
    return this.#lastAnswer !== null
  }

  isLive(): boolean {
    return this.#lastAnswer !== null && this.#setup.now() - this.#lastAnswer < liveMs
  }

  repeatAnswer(): void {
    if (this.#over || this.#lastAnswer !== null) return
    if (this.#awaitsOack) this.#sendOack()
    else if (!this.#filling) this.#sendAgain()
  }

  tick(): void {
    const { now } = this.#setup
    if (this.#over || this.#filling || !this.#pace.isDue(now())) return
    if (!this.#pace.backOff()) this.fail('the client is silent')
    else if (this.#awaitsOack) this.#sendOack()
    else this.#sendAgain()
  }

  fail(reason: string): void {
    if (this.#over) return
    this.#setup.send(encodeError(tftpErrors.undefined, reason))
    this.#end({ outcome: 'failed', reason })
  }

  abandon(reason: string): void {
    if (!this.#over) this.#end({ outcome: 'failed', reason })
  }

  async #onAck(block: number): Promise<void> {
    if (this.#filling) return
    if (this.#awaitsOack) {
      if (block !== 0) return
      this.#awaitsOack = false
      this.#pace.answered(this.#setup.now())
      return this.#sendWindow()
    }
    const distance = (block - this.#acknowledged) & 0xffff
    if (distance === 0) return this.#onRepeatedAck()
    // It is not of this window: it is late, or it is invalid.
    if (distance > this.#sent.length) return
    this.#acknowledge(distance)
    if (this.#lastRead && this.#sent.length === 0) return this.#end({ outcome: 'done' })
    await this.#sendWindow()
  }

  /**
   * With one block per window a repeated ACK must not make a repeated block (the sorcerer's
   * apprentice, RFC 1123 4.2.3.1). In a larger window it means that the first block was lost. The
   * window is sent again once only, so that repeated ACKs cannot multiply it.
   */
  #onRepeatedAck(): void {
    if (this.#setup.terms.windowSize === 1 || this.#rewound) return
    this.#rewound = true
    this.#sendAgain()
  }

  #acknowledge(count: number): void {
    for (const block of this.#sent.slice(0, count)) this.#bytes += block.length
    this.#acknowledged = (this.#acknowledged + count) & 0xffff
    this.#sent = this.#sent.slice(count)
    this.#rewound = false
    this.#pace.answered(this.#setup.now())
  }

  /** Sends the rest of the window again, with new blocks behind it. */
  async #sendWindow(): Promise<void> {
    const { windowSize, blockSize } = this.#setup.terms
    while (this.#sent.length < windowSize && !this.#lastRead) {
      const block = this.#setup.reader.next() ?? (await this.#readOn())
      if (block === undefined) return
      this.#sent.push(block)
      this.#lastRead = block.length < blockSize
    }
    this.#sendAgain()
    this.#pace.sentNew(this.#setup.now())
  }

  async #readOn(): Promise<Buffer | undefined> {
    this.#filling = true
    try {
      await this.#setup.reader.fill()
      return this.#over ? undefined : this.#setup.reader.next()
    } catch (error) {
      this.fail(error instanceof Error ? error.message : 'the file cannot be read')
      return undefined
    } finally {
      this.#filling = false
    }
  }

  #sendAgain(): void {
    let number = this.#acknowledged
    for (const block of this.#sent) this.#setup.send(encodeData(++number, block))
    this.#pace.sent(this.#setup.now())
  }

  #sendOack(): void {
    this.#setup.send(encodeOack(this.#setup.terms.accepted))
    this.#pace.sent(this.#setup.now())
  }

  #refuse(): void {
    this.#setup.send(encodeError(tftpErrors.illegalOperation, 'neither ACK nor ERROR'))
    this.#end({ outcome: 'failed', reason: 'the client sent neither ACK nor ERROR' })
  }

  #end(end: { outcome: 'done' } | { outcome: 'aborted' | 'failed'; reason: string }): void {
    this.#over = true
    this.#sent = []
    this.#setup.ended({ ...end, bytes: this.#bytes })
  }
}

function readPacket(bytes: Buffer): TftpPacket | undefined {
  try {
    return decodePacket(bytes)
  } catch {
    // It is answered like any other packet that is out of place.
    return undefined
  }
}
