/** TFTP packets (RFC 1350, 2347): conversion between bytes and values. */

export const opcodes = { rrq: 1, wrq: 2, data: 3, ack: 4, error: 5, oack: 6 } as const

/** Error codes of RFC 1350 (appendix) and RFC 2347 (8). */
export const tftpErrors = {
  undefined: 0,
  notFound: 1,
  accessViolation: 2,
  illegalOperation: 4,
  unknownTransfer: 5,
  optionRefused: 8,
} as const
export type TftpErrorCode = (typeof tftpErrors)[keyof typeof tftpErrors]

export interface TftpRequest {
  readonly kind: 'rrq' | 'wrq'
  readonly file: string
  /** In lower case: `octet`, `netascii`, `mail`. */
  readonly mode: string
  /** Names in lower case, in the client's order. The first of equal names counts. */
  readonly options: ReadonlyMap<string, string>
}
export type TftpPacket =
  | TftpRequest
  | { readonly kind: 'data'; readonly block: number; readonly data: Buffer }
  | { readonly kind: 'ack'; readonly block: number }
  | { readonly kind: 'error'; readonly code: number; readonly message: string }
  | { readonly kind: 'oack'; readonly options: ReadonlyMap<string, string> }

/** The bytes are not a TFTP packet. `offset` is the place of the fault. */
export class TftpProtocolError extends Error {
  override readonly name = 'TftpProtocolError'
  readonly offset: number
  constructor(message: string, offset: number) {
    super(`${message} (at byte ${offset})`)
    this.offset = offset
  }
}

/**
 * Decodes a packet of either side.
 * @throws TftpProtocolError
 */
export function decodePacket(bytes: Buffer): TftpPacket {
  if (bytes.length < 4) throw new TftpProtocolError('shorter than any packet', bytes.length)
  const opcode = bytes.readUInt16BE(0)
  switch (opcode) {
    case opcodes.rrq:
      return decodeRequest('rrq', bytes)
    case opcodes.wrq:
      return decodeRequest('wrq', bytes)
    case opcodes.data:
      return { kind: 'data', block: bytes.readUInt16BE(2), data: bytes.subarray(4) }
    case opcodes.ack:
      return { kind: 'ack', block: bytes.readUInt16BE(2) }
    case opcodes.error:
      return { kind: 'error', code: bytes.readUInt16BE(2), message: errorText(bytes) }
    case opcodes.oack:
      return { kind: 'oack', options: pairs(strings(bytes, 2), bytes.length) }
    default:
      throw new TftpProtocolError(`unknown opcode ${opcode}`, 0)
  }
}

/**
 *  2 bytes    string   1 byte  string  1 byte  string  1 byte  string  1 byte
 * | opcode | filename |   0   |  mode |   0   |  opt1 |   0   | value1 |  0  |
 */
function decodeRequest(kind: 'rrq' | 'wrq', bytes: Buffer): TftpRequest {
  const [name = '', mode, ...rest] = strings(bytes, 2)
  // UEFI ROMs of 2015 take the end mark of DHCP option 67 for a part of the name.
  const file = name.replace(/\xff+$/, '')
  if (file === '' || !mode) throw new TftpProtocolError('no file name or no mode', bytes.length)
  return { kind, file, mode: mode.toLowerCase(), options: pairs(rest, bytes.length) }
}

/** Reads strings that end in NUL. */
function strings(bytes: Buffer, from: number): string[] {
  const values: string[] = []
  for (let at = from; at < bytes.length;) {
    const end = bytes.indexOf(0, at)
    if (end === -1) throw new TftpProtocolError('a string without its end', at)
    values.push(bytes.toString('latin1', at, end))
    at = end + 1
  }
  return values
}

function pairs(words: readonly string[], length: number): Map<string, string> {
  const options = new Map<string, string>()
  for (let i = 0; i < words.length; i += 2) {
    const [name, value] = [words[i], words[i + 1]]
    // PXE ROMs pad requests to a fixed length.
    if (name === '') break
    if (name === undefined || value === undefined) {
      throw new TftpProtocolError('an option without a value', length)
    }
    const key = name.toLowerCase()
    if (!options.has(key)) options.set(key, value)
  }
  return options
}

/** Some clients omit the closing NUL. */
function errorText(bytes: Buffer): string {
  const end = bytes.indexOf(0, 4)
  return bytes.toString('latin1', 4, end === -1 ? bytes.length : end)
}

/** | 3 | block | 0..blksize bytes | */
export function encodeData(block: number, data: Buffer): [Buffer, Buffer] {
  return [words(opcodes.data, block & 0xffff), data]
}

/** | 4 | block | */
export const encodeAck = (block: number): Buffer => words(opcodes.ack, block & 0xffff)

/** | 5 | code | message | 0 | */
export const encodeError = (code: TftpErrorCode, message: string): Buffer =>
  Buffer.concat([words(opcodes.error, code), Buffer.from(`${message}\0`, 'latin1')])

/** | 6 | option | 0 | value | 0 | ... */
export function encodeOack(options: ReadonlyMap<string, string>): Buffer {
  const text = [...options].map(([name, value]) => `${name}\0${value}\0`).join('')
  return Buffer.concat([words(opcodes.oack), Buffer.from(text, 'latin1')])
}

/** | 1 or 2 | file | 0 | mode | 0 | option | 0 | value | 0 | ... */
export function encodeRequest({ kind, file, mode, options }: TftpRequest): Buffer {
  const text = [file, mode, ...[...options].flat()].map((word) => `${word}\0`).join('')
  return Buffer.concat([words(opcodes[kind]), Buffer.from(text, 'latin1')])
}

function words(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2)
  values.forEach((value, i) => bytes.writeUInt16BE(value, i * 2))
  return bytes
}
