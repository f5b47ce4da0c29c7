import { bytesToIpv6, ipv6ToBytes } from '../addresses.js'
import { DhcpProtocolError } from '../errors.js'
import { messageType6, option6 } from './options.js'
import type { MessageType6, Option6, StatusCode } from './options.js'

/** A message of a client or a server (RFC 8415, 8): | type | transaction (3) | options |. */
export interface Dhcpv6Message {
  readonly type: Exclude<MessageType6, 'relay-forward' | 'relay-reply'>
  readonly transaction: number
  readonly options: readonly Option6[]
}

/** A message in the envelope of a relay (RFC 8415, 9): | type | hops | link (16) | peer (16) | options |. */
export interface Dhcpv6Relay {
  readonly type: 'relay-forward' | 'relay-reply'
  readonly hops: number
  readonly linkAddress: string
  readonly peerAddress: string
  readonly options: readonly Option6[]
}
export type Dhcpv6Packet = Dhcpv6Message | Dhcpv6Relay

/** An identity association that a client names, with the addresses inside. */
export interface Association {
  readonly code: AssociationCode
  readonly iaid: number
  readonly addresses: readonly string[]
}
export type AssociationCode =
  | typeof option6.nonTemporaryAddress
  | typeof option6.temporaryAddress
  | typeof option6.prefixDelegation

const names = new Map(
  Object.entries(messageType6).map(([name, code]) => [code as number, name as MessageType6]),
)
const messageHeader = 4
const relayHeader = 34
/** HOP_COUNT_LIMIT of RFC 8415, 7.6. */
export const mostHops = 8

/**
 * Decodes a message or the envelope of a relay.
 * @throws DhcpProtocolError when it is cut or its type is unknown
 */
export function decodeDhcpv6(bytes: Buffer): Dhcpv6Packet {
  if (bytes.length < messageHeader) throw new DhcpProtocolError('shorter than a header', 0)
  const type = names.get(bytes.readUInt8(0))
  if (type === undefined) throw new DhcpProtocolError(`unknown type ${bytes.readUInt8(0)}`, 0)
  if (type === 'relay-forward' || type === 'relay-reply') return decodeRelay(type, bytes)
  return { type, transaction: bytes.readUIntBE(1, 3), options: decodeOptions(bytes, messageHeader) }
}

function decodeRelay(type: Dhcpv6Relay['type'], bytes: Buffer): Dhcpv6Relay {
  if (bytes.length < relayHeader) throw new DhcpProtocolError('shorter than a relay header', 0)
  return {
    type,
    hops: bytes.readUInt8(1),
    linkAddress: bytesToIpv6(bytes.subarray(2, 18)),
    peerAddress: bytesToIpv6(bytes.subarray(18, 34)),
    options: decodeOptions(bytes, relayHeader),
  }
}

/** @throws DhcpProtocolError when an option is cut */
export function decodeOptions(bytes: Buffer, from = 0): Option6[] {
  const options: Option6[] = []
  for (let at = from; at < bytes.length;) {
    if (at + 4 > bytes.length) throw new DhcpProtocolError('an option is cut', at)
    const end = at + 4 + bytes.readUInt16BE(at + 2)
    if (end > bytes.length) throw new DhcpProtocolError('an option is cut', at)
    options.push({ code: bytes.readUInt16BE(at), data: Buffer.from(bytes.subarray(at + 4, end)) })
    at = end
  }
  return options
}

export function encodeDhcpv6(packet: Dhcpv6Packet): Buffer {
  return Buffer.concat([header(packet), encodeOptions(packet.options)])
}

function header(packet: Dhcpv6Packet): Buffer {
  if ('transaction' in packet) {
    const bytes = Buffer.alloc(messageHeader)
    bytes.writeUInt8(messageType6[packet.type])
    bytes.writeUIntBE(packet.transaction, 1, 3)
    return bytes
  }
  const { type, hops, linkAddress, peerAddress } = packet
  const start = Buffer.from([messageType6[type], hops])
  return Buffer.concat([start, ipv6ToBytes(linkAddress), ipv6ToBytes(peerAddress)])
}

export function encodeOptions(options: readonly Option6[]): Buffer {
  return Buffer.concat(options.flatMap(({ code, data }) => [u16(code, data.length), data]))
}

export function u16(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2)
  values.forEach((value, i) => bytes.writeUInt16BE(value, i * 2))
  return bytes
}

export function u32(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4)
  values.forEach((value, i) => bytes.writeUInt32BE(value, i * 4))
  return bytes
}

/** An option with a status (RFC 8415, 21.13). The text is left empty: clients read the code. */
export const statusOption = (status: StatusCode): Option6 => ({
  code: option6.statusCode,
  data: u16(status),
})

/** An address in an association (RFC 8415, 21.6). A lifetime of 0 tells the client to drop it. */
export const addressOption6 = (address: string, lifetime: number): Option6 => ({
  code: option6.address,
  data: Buffer.concat([ipv6ToBytes(address), u32(lifetime, lifetime)]),
})

/**
 * An identity association (RFC 8415, 21.4, 21.5 and 21.21).
 * @param lifetime in seconds, of which the times to renew and to rebind are made; 0 leaves them to
 *   the client
 */
export function identityAssociation(
  { code, iaid }: Pick<Association, 'code' | 'iaid'>,
  inner: readonly Option6[],
  lifetime = 0,
): Option6 {
  const times =
    code === option6.temporaryAddress
      ? Buffer.alloc(0)
      : u32(Math.floor(lifetime / 2), Math.floor(lifetime * 0.8))
  return { code, data: Buffer.concat([u32(iaid), times, encodeOptions(inner)]) }
}
