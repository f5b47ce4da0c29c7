import { DhcpProtocolError } from '../errors.js'
import { option } from './options.js'

/**
 * One DHCPv4 message (RFC 2131, section 2):
 *
 *     0 op  1 htype  2 hlen  3 hops  4 xid(4)  8 secs(2)  10 flags(2)
 *    12 ciaddr  16 yiaddr  20 siaddr  24 giaddr  28 chaddr(16)  44 sname(64)  108 file(128)
 *   236 cookie(4)  240 options
 */
export interface Dhcpv4Packet {
  readonly op: 1 | 2
  readonly hardwareType: number
  readonly hardwareLength: number
  readonly hops: number
  readonly transaction: number
  readonly seconds: number
  readonly broadcast: boolean
  readonly clientAddress: string
  readonly yourAddress: string
  readonly nextServer: string
  readonly relayAddress: string
  /** All 16 bytes. */
  readonly hardwareAddress: Buffer
  readonly serverName: string
  readonly file: string
  /** By code. The parts of one option are joined (RFC 3396). */
  readonly options: ReadonlyMap<number, Buffer>
}

const cookie = 0x63825363
const optionsAt = 240
/** The size of BOOTP messages, which old relays and ROMs require. */
const leastLength = 300
const broadcastFlag = 0x8000

/**
 * Decodes a message as far as it can be read.
 * @throws DhcpProtocolError when its header is invalid
 */
export function decodeDhcpv4(bytes: Buffer): Dhcpv4Packet {
  if (bytes.length < optionsAt) throw new DhcpProtocolError('shorter than a header', bytes.length)
  const op = bytes.readUInt8(0)
  if (op !== 1 && op !== 2) throw new DhcpProtocolError(`unknown operation ${op}`, 0)
  if (bytes.readUInt32BE(236) !== cookie) throw new DhcpProtocolError('BOOTP without options', 236)
  const hardwareLength = bytes.readUInt8(2)
  if (hardwareLength > 16) throw new DhcpProtocolError('a hardware address of over 16 bytes', 2)
  const options = new Map<number, Buffer>()
  readOptions(bytes, optionsAt, bytes.length, options)
  const overload = options.get(option.overload)?.[0] ?? 0
  // The order is the one of RFC 2131, 4.1: the file field before the sname field.
  if (overload & 1) readOptions(bytes, 108, 236, options)
  if (overload & 2) readOptions(bytes, 44, 108, options)
  return {
    op,
    hardwareType: bytes.readUInt8(1),
    hardwareLength,
    hops: bytes.readUInt8(3),
    transaction: bytes.readUInt32BE(4),
    seconds: bytes.readUInt16BE(8),
    broadcast: (bytes.readUInt16BE(10) & broadcastFlag) !== 0,
    clientAddress: address(bytes, 12),
    yourAddress: address(bytes, 16),
    nextServer: address(bytes, 20),
    relayAddress: address(bytes, 24),
    hardwareAddress: Buffer.from(bytes.subarray(28, 44)),
    serverName: overload & 2 ? '' : text(bytes, 44, 108),
    file: overload & 1 ? '' : text(bytes, 108, 236),
    options,
  }
}

const address = (bytes: Buffer, at: number): string => bytes.subarray(at, at + 4).join('.')

function text(bytes: Buffer, from: number, to: number): string {
  const end = bytes.indexOf(0, from)
  return bytes.toString('latin1', from, end === -1 || end > to ? to : end)
}

/**
 * Reads a list as far as it goes. Firmware sends lists without the end mark, and lists whose last
 * option is cut; an overloaded field may hold anything (dnsmasq reads these, too).
 */
function readOptions(bytes: Buffer, from: number, to: number, into: Map<number, Buffer>): void {
  for (let at = from; at < to;) {
    const code = bytes.readUInt8(at)
    if (code === option.end) return
    if (code === option.pad) {
      at += 1
      continue
    }
    const length = at + 1 < to ? bytes.readUInt8(at + 1) : 0
    const end = at + 2 + length
    if (end > to) return
    const before = into.get(code)
    const value = bytes.subarray(at + 2, end)
    into.set(code, before === undefined ? Buffer.from(value) : Buffer.concat([before, value]))
    at = end
  }
}

/**
 * Encodes a message, padded to the size of BOOTP.
 * @throws DhcpProtocolError when `file` or `serverName` is too long for its field (a boot file of
 *   any length fits into option 67)
 */
export function encodeDhcpv4(packet: Dhcpv4Packet): Buffer {
  const header = Buffer.alloc(optionsAt)
  header.writeUInt8(packet.op, 0)
  header.writeUInt8(packet.hardwareType, 1)
  header.writeUInt8(packet.hardwareLength, 2)
  header.writeUInt8(packet.hops, 3)
  header.writeUInt32BE(packet.transaction, 4)
  header.writeUInt16BE(packet.seconds, 8)
  header.writeUInt16BE(packet.broadcast ? broadcastFlag : 0, 10)
  writeAddress(header, 12, packet.clientAddress)
  writeAddress(header, 16, packet.yourAddress)
  writeAddress(header, 20, packet.nextServer)
  writeAddress(header, 24, packet.relayAddress)
  packet.hardwareAddress.copy(header, 28, 0, 16)
  writeText(header, 44, 64, packet.serverName)
  writeText(header, 108, 128, packet.file)
  header.writeUInt32BE(cookie, 236)
  const options = [...packet.options]
    .toSorted(byPlace)
    .flatMap(([code, value]) => parts(code, value))
  const whole = Buffer.concat([header, ...options, Buffer.from([option.end])])
  return Buffer.concat([whole, Buffer.alloc(Math.max(0, leastLength - whole.length))])
}

function writeAddress(header: Buffer, at: number, value: string): void {
  Buffer.from(value.split('.').map(Number)).copy(header, at)
}

function writeText(header: Buffer, at: number, room: number, value: string): void {
  if (value.length >= room) throw new DhcpProtocolError(`${value} is too long for its field`, at)
  header.write(value, at, 'latin1')
}

/**
 * Puts the message type first, because some ROMs read no further, and option 82 last (RFC 3046, 2.1).
 */
function byPlace([a]: [number, Buffer], [b]: [number, Buffer]): number {
  const place = (code: number) =>
    code === option.messageType ? -1 : code === option.relayAgent ? 256 : 0
  return place(a) - place(b)
}

/** Splits an option of more than 255 bytes (RFC 3396). */
function parts(code: number, value: Buffer): Buffer[] {
  const pieces: Buffer[] = []
  for (let at = 0; at === 0 || at < value.length; at += 255) {
    const piece = value.subarray(at, at + 255)
    pieces.push(Buffer.from([code, piece.length]), piece)
  }
  return pieces
}
