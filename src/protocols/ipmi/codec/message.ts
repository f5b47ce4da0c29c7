import { Reader } from './reader.js'

/**
 * An IPMI message as it travels over a LAN (IPMI 2.0, 13.8):
 *
 *     to  netFn<<2|lun  checksum  from  sequence<<2|lun  command  data…  checksum
 */
export interface IpmiRequest {
  readonly netFn: number
  readonly command: number
  readonly data: Buffer
  readonly lun?: number
  /** Who is asked: the BMC itself, or a controller behind it. */
  readonly to?: number
  /** Who asks: a slave address, or a software id, whose lowest bit is set. */
  readonly from?: number
}

export interface IpmiResponse {
  readonly netFn: number
  readonly command: number
  readonly sequence: number
  readonly code: number
  readonly data: Buffer
}

export const bmcAddress = 0x20
/** The software id remote consoles use. */
export const consoleAddress = 0x81

const checksum = (bytes: Buffer): number => {
  let sum = 0
  for (const byte of bytes) sum += byte
  return -sum & 0xff
}

/** @param sequence 0 to 63 */
export function encodeRequest(request: IpmiRequest, sequence: number): Buffer {
  const { to = bmcAddress, from = consoleAddress, lun = 0 } = request
  const head = Buffer.from([to, (request.netFn << 2) | lun])
  const body = Buffer.concat([Buffer.from([from, sequence << 2, request.command]), request.data])
  const sums = [Buffer.from([checksum(head)]), Buffer.from([checksum(body)])] as const
  return Buffer.concat([head, sums[0], body, sums[1]])
}

/** Whether the two checksums of a message count. */
export type Checksums = 'checked' | 'ignored'

/**
 * Decodes the answer of a BMC or of a controller behind it.
 * @param checksums `ignored` for a message out of a signed packet: the signature has proved that the
 *   message is what the BMC sent, and some BMCs compute the sums wrongly (`ipmitool` reads those)
 * @throws IpmiProtocolError when it is too short, a request, or a checksum that counts is wrong
 */
export function decodeResponse(bytes: Buffer, checksums: Checksums = 'checked'): IpmiResponse {
  const reader = new Reader(bytes, 'IPMI response')
  if (bytes.length < 8) throw reader.error('is too short', bytes.length)
  if (checksums === 'checked') checkSums(bytes, reader)
  const netFn = reader.skip(1).u8() >> 2
  const sequence = reader.skip(2).u8() >> 2
  const command = reader.u8()
  const code = reader.u8()
  if ((netFn & 1) === 0) throw reader.error('is a request', 1)
  return { netFn, command, sequence, code, data: reader.bytes(reader.left - 1) }
}

function checkSums(bytes: Buffer, reader: Reader): void {
  if (checksum(bytes.subarray(0, 3)) !== 0) throw reader.error('has a wrong header checksum', 2)
  if (checksum(bytes.subarray(3)) !== 0) {
    throw reader.error('has a wrong checksum', bytes.length - 1)
  }
}
