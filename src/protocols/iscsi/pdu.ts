/**
 * iSCSI protocol data units (RFC 7143, 11), as an initiator sends and reads them.
 *
 *    byte 0        1        2        3
 *   +--------+--------+--------+--------+
 * 0 |  opcode| flags  |  of the opcode  |
 * 4 | AHS len|     data segment length  |
 * 8 |          logical unit             |
 * 16|        initiator task tag         |
 *20-47 of the opcode: tags, sequence numbers, CDB; then data, padded to 4
 */
export const headerSize = 48

export const opcode = {
  nopOut: 0x00,
  command: 0x01,
  login: 0x03,
  dataOut: 0x05,
  logout: 0x06,
  nopIn: 0x20,
  response: 0x21,
  loginResponse: 0x23,
  dataIn: 0x25,
  logoutResponse: 0x26,
  r2t: 0x31,
  async: 0x32,
  reject: 0x3f,
} as const

export const immediate = 0x40
export const noTag = 0xffffffff

/** The other side does not speak iSCSI, or not as it may. */
export class IscsiError extends Error {
  override readonly name = 'IscsiError'
}

export interface Pdu {
  readonly header: Buffer
  readonly data: Buffer
}

/** A header with opcode and flags set. */
export function newHeader(code: number, flags: number): Buffer {
  const header = Buffer.alloc(headerSize)
  header[0] = code
  header[1] = flags
  return header
}

/** Header, data and padding, ready to be sent; sets the data's length. */
export function encodePdu(header: Buffer, data: Buffer = Buffer.alloc(0)): Buffer[] {
  header.writeUIntBE(data.length, 5, 3)
  const padding = (4 - (data.length % 4)) % 4
  return [header, data, Buffer.alloc(padding)].filter((part) => part.length > 0)
}

/** Larger segments than we said we take are refused. */
export const mostReceived = 262_144

/**
 * Takes the first whole PDU off the front of what was received.
 * @returns null while it is not all there
 * @throws IscsiError
 */
export function takePdu(received: Buffer): { pdu: Pdu; rest: Buffer } | null {
  if (received.length < headerSize) return null
  const ahs = (received[4] ?? 0) * 4
  const length = received.readUIntBE(5, 3)
  if (length > mostReceived) throw new IscsiError(`The target sent a segment of ${length} bytes`)
  const start = headerSize + ahs
  const end = start + length
  const padded = end + ((4 - (length % 4)) % 4)
  if (received.length < padded) return null
  const pdu = { header: received.subarray(0, headerSize), data: received.subarray(start, end) }
  return { pdu, rest: received.subarray(padded) }
}

/** `key=value` pairs as logins carry them (RFC 7143, 6.1). */
export const encodeText = (pairs: Readonly<Record<string, string>>): Buffer =>
  Buffer.from(
    Object.entries(pairs)
      .map(([key, value]) => `${key}=${value}\0`)
      .join(''),
  )

export function decodeText(data: Buffer): Record<string, string> {
  const pairs = data
    .toString('utf8')
    .split('\0')
    .flatMap((item) => {
      const at = item.indexOf('=')
      return at < 1 ? [] : [[item.slice(0, at), item.slice(at + 1)] as const]
    })
  return Object.fromEntries(pairs)
}

/** The LUN field of a small number, peripheral device addressing (SAM-5, 4.7). */
export function encodeLun(lun: number): Buffer {
  const out = Buffer.alloc(8)
  if (lun < 256) out[1] = lun
  else out.writeUInt16BE(0x4000 | lun, 0)
  return out
}
