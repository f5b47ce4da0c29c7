import { IpmiProtocolError } from '../errors.js'

/** Reads a packet from left to right; what is not there is an `IpmiProtocolError`. */
export class Reader {
  readonly #bytes: Buffer
  readonly #what: string
  #at: number

  /** @param what named in errors: `RAKP message 2` */
  constructor(bytes: Buffer, what: string, at = 0) {
    this.#bytes = bytes
    this.#what = what
    this.#at = at
  }

  get offset(): number {
    return this.#at
  }
  get left(): number {
    return this.#bytes.length - this.#at
  }
  u8(): number {
    return this.bytes(1).readUInt8()
  }
  u16(): number {
    return this.bytes(2).readUInt16LE()
  }
  u24(): number {
    return this.bytes(3).readUIntLE(0, 3)
  }
  u32(): number {
    return this.bytes(4).readUInt32LE()
  }
  /** @throws IpmiProtocolError when fewer are left */
  bytes(count: number): Buffer {
    if (this.left < count) throw this.error('is too short', this.#bytes.length)
    this.#at += count
    return this.#bytes.subarray(this.#at - count, this.#at)
  }
  rest(): Buffer {
    return this.bytes(this.left)
  }
  skip(count: number): this {
    this.bytes(count)
    return this
  }
  /** @throws IpmiProtocolError when the next byte is another */
  expect(byte: number): void {
    const at = this.#at
    if (this.u8() !== byte) throw this.error(`has no 0x${byte.toString(16)} where it must`, at)
  }
  error(problem: string, at = this.#at): IpmiProtocolError {
    return new IpmiProtocolError(`${this.#what} ${problem}`, at)
  }
}

/** Four bytes, least significant first, as IPMI writes its numbers. */
export function le32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value >>> 0)
  return bytes
}

/** Two bytes, least significant first. */
export const le16 = (value: number): Buffer => Buffer.from([value & 0xff, (value >> 8) & 0xff])
