import { bytesToIpv6, macOfLinkLocal, macText } from '../addresses.js'
import { architectureOf } from '../architectures.js'
import type { Architecture } from '../architectures.js'
import { DhcpProtocolError } from '../errors.js'
import { option6 } from './options.js'
import type { Option6 } from './options.js'
import { decodeDhcpv6, mostHops } from './packet.js'
import type {
  Association,
  AssociationCode,
  Dhcpv6Message,
  Dhcpv6Packet,
  Dhcpv6Relay,
} from './packet.js'

/** Questions about a message, answered by pure functions. */

export const optionOf = (
  { options }: { readonly options: readonly Option6[] },
  code: number,
): Buffer | null => options.find((option) => option.code === code)?.data ?? null

const none = Buffer.alloc(0)

/** A message and the envelopes of its relays, the outermost first. */
export interface Received {
  readonly message: Dhcpv6Message
  readonly relays: readonly Dhcpv6Relay[]
}

/**
 * Takes a message out of its envelopes.
 * @throws DhcpProtocolError when the innermost envelope is empty, or when there are too many
 */
export function unwrap(packet: Dhcpv6Packet): Received {
  const relays: Dhcpv6Relay[] = []
  let inner = packet
  while (!('transaction' in inner)) {
    const data = optionOf(inner, option6.relayMessage)
    if (inner.type !== 'relay-forward' || data === null || relays.length > mostHops) {
      throw new DhcpProtocolError('a relay without a message', 0)
    }
    relays.push(inner)
    inner = decodeDhcpv6(data)
  }
  return { message: inner, relays }
}

/**
 * The client's MAC address: from the first relay (RFC 6939), from the client identifier (DUID-LLT and
 * DUID-LL, RFC 8415 11), or from the link-local address of the sender.
 */
export function macOf6({ message, relays }: Received, from: string): string | null {
  const first = relays.at(-1)
  const linkLayer = first === undefined ? null : optionOf(first, option6.clientLinkLayer)
  if (linkLayer?.length === 8) return macText(linkLayer.subarray(2))
  const id = optionOf(message, option6.clientId)
  const kind = id !== null && id.length >= 2 ? id.readUInt16BE(0) : 0
  if (id?.length === 14 && kind === 1) return macText(id.subarray(8))
  if (id?.length === 10 && kind === 3) return macText(id.subarray(4))
  return macOfLinkLocal(first?.peerAddress ?? from)
}

/** Reads texts with a length each, the form of user class (15) and vendor class (16). */
function texts(bytes: Buffer, from: number): string[] {
  const values: string[] = []
  for (let at = from; at + 2 <= bytes.length;) {
    const end = at + 2 + bytes.readUInt16BE(at)
    values.push(bytes.toString('latin1', at + 2, end))
    at = end
  }
  return values
}

export const vendorClasses6 = (message: Dhcpv6Message): string[] =>
  texts(optionOf(message, option6.vendorClass) ?? none, 4)

export const isIpxe6 = (message: Dhcpv6Message): boolean =>
  texts(optionOf(message, option6.userClass) ?? none, 0).includes('iPXE')

export const isHttpClient6 = (message: Dhcpv6Message): boolean =>
  vendorClasses6(message).some((name) => name.startsWith('HTTPClient'))

export const isNetworkBoot6 = (message: Dhcpv6Message): boolean =>
  isIpxe6(message) || vendorClasses6(message).some((n) => /^(PXE|HTTP)Client/.test(n))

/**
 * The client's architecture: the first one of its list that is supported (RFC 5970, 3.3); null when
 * it names no such one.
 */
export function architectureFor6(message: Dhcpv6Message): Architecture | null {
  const codes = optionOf(message, option6.clientArchitecture) ?? none
  for (let at = 0; at + 2 <= codes.length; at += 2) {
    const architecture = architectureOf(codes.readUInt16BE(at))
    if (architecture !== null) return architecture
  }
  return null
}

/** Whether the client requests the option. */
export function requestsOption(message: Dhcpv6Message, code: number): boolean {
  const list = optionOf(message, option6.requestedOptions) ?? none
  for (let at = 0; at + 2 <= list.length; at += 2) if (list.readUInt16BE(at) === code) return true
  return false
}

const associationCodes: readonly AssociationCode[] = [
  option6.nonTemporaryAddress,
  option6.temporaryAddress,
  option6.prefixDelegation,
]

/** The associations of a message, of all three kinds, in their order. */
export function associations(message: Dhcpv6Message): Association[] {
  return message.options.flatMap(({ code, data }) => {
    const kind = associationCodes.find((one) => one === code)
    const head = kind === option6.temporaryAddress ? 4 : 12
    if (kind === undefined || data.length < head) return []
    return [{ code: kind, iaid: data.readUInt32BE(0), addresses: addressesIn(data, head) }]
  })
}

function addressesIn(data: Buffer, from: number): string[] {
  const addresses: string[] = []
  for (let at = from; at + 4 <= data.length; at += 4 + data.readUInt16BE(at + 2)) {
    const value = data.subarray(at + 4, at + 4 + data.readUInt16BE(at + 2))
    const isAddress = data.readUInt16BE(at) === option6.address && value.length >= 16
    if (isAddress) addresses.push(bytesToIpv6(value.subarray(0, 16)))
  }
  return addresses
}

const withoutServerId: readonly string[] = ['solicit', 'confirm', 'rebind']
const withServerId: readonly string[] = ['request', 'renew', 'release', 'decline']

/**
 * Whether a server may answer the message (RFC 8415, 16): it is a client's, it names its client, and
 * it names this server, or no server, as its type demands.
 */
export function isValidRequest(message: Dhcpv6Message, serverId: Buffer): boolean {
  const client = optionOf(message, option6.clientId)
  const server = optionOf(message, option6.serverId)
  const isOurs = server?.equals(serverId) ?? false
  if (message.type === 'information-request') {
    return (server === null || isOurs) && associations(message).length === 0
  }
  if (client === null) return false
  if (withoutServerId.includes(message.type)) return server === null
  return withServerId.includes(message.type) && isOurs
}

/**
 * An address of the client's link: the one that the relay next to the client gives, or where that
 * relay has none (RFC 6221), the next one does. null for a client on a link of this host.
 */
export function linkAddressOf({ relays }: Received): string | null {
  const addresses = relays.toReversed().map(({ linkAddress }) => linkAddress)
  return addresses.find((address) => address !== '::' && !address.startsWith('fe80:')) ?? null
}
