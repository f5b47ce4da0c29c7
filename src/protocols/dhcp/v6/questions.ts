import { bytesToIpv6, macOfLinkLocal, macText } from '../addresses.js'
import { architectureOf } from '../architectures.js'
import type { Architecture } from '../architectures.js'
import { DhcpProtocolError } from '../errors.js'
import { option6 } from './options.js'
import type { Option6 } from './options.js'
import { decodeDhcpv6, mostHops } from './packet.js'
import type { Dhcpv6Message, Dhcpv6Packet, Dhcpv6Relay } from './packet.js'

/** What one wants to know about a message. Pure functions of it. */

export const optionOf = (
  { options }: { readonly options: readonly Option6[] },
  code: number,
): Buffer | null => options.find((option) => option.code === code)?.data ?? null

const none = Buffer.alloc(0)

/** A message and the relays it came through, the outermost first. */
export interface Received {
  readonly message: Dhcpv6Message
  readonly relays: readonly Dhcpv6Relay[]
}

/**
 * Takes a message out of its envelopes.
 * @throws DhcpProtocolError when there is none inside
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
 * The client's MAC: told by the first relay (RFC 6939), or in the client identifier (DUID-LLT and
 * DUID-LL, RFC 8415 11), or in the link-local address it was sent from.
 */
export function macOf6({ message, relays }: Received, from: string): string | null {
  const first = relays.at(-1)
  const told = first === undefined ? null : optionOf(first, option6.clientLinkLayer)
  if (told?.length === 8) return macText(told.subarray(2))
  const id = optionOf(message, option6.clientId)
  const kind = id !== null && id.length >= 2 ? id.readUInt16BE(0) : 0
  if (id?.length === 14 && kind === 1) return macText(id.subarray(8))
  if (id?.length === 10 && kind === 3) return macText(id.subarray(4))
  return macOfLinkLocal(first?.peerAddress ?? from)
}

/** Texts with a length each, as user class (15) and vendor class (16, after four bytes) hold them. */
function texts(bytes: Buffer, from: number): string[] {
  const found: string[] = []
  for (let at = from; at + 2 <= bytes.length;) {
    const end = at + 2 + bytes.readUInt16BE(at)
    found.push(bytes.toString('latin1', at + 2, end))
    at = end
  }
  return found
}

export const vendorClasses6 = (message: Dhcpv6Message): string[] =>
  texts(optionOf(message, option6.vendorClass) ?? none, 4)

export const isIpxe6 = (message: Dhcpv6Message): boolean =>
  texts(optionOf(message, option6.userClass) ?? none, 0).includes('iPXE')

export const isHttpClient6 = (message: Dhcpv6Message): boolean =>
  vendorClasses6(message).some((name) => name.startsWith('HTTPClient'))

export const isNetworkBoot6 = (message: Dhcpv6Message): boolean =>
  isIpxe6(message) || vendorClasses6(message).some((n) => /^(PXE|HTTP)Client/.test(n))

/** What the machine runs; null when it does not say or nobody here knows it. */
export function architectureFor6(message: Dhcpv6Message): Architecture | null {
  const codes = optionOf(message, option6.clientArchitecture)
  return codes !== null && codes.length >= 2 ? architectureOf(codes.readUInt16BE(0)) : null
}

/** Whether the client asked for the option. */
export function wants(message: Dhcpv6Message, code: number): boolean {
  const list = optionOf(message, option6.requestedOptions) ?? none
  for (let at = 0; at + 2 <= list.length; at += 2) if (list.readUInt16BE(at) === code) return true
  return false
}

/** Identifiers of the associations it wants addresses for, with the address it names. */
export function associations(message: Dhcpv6Message): { iaid: number; address: string | null }[] {
  return message.options
    .filter(({ code, data }) => code === option6.nonTemporaryAddress && data.length >= 12)
    .map(({ data }) => ({
      iaid: data.readUInt32BE(0),
      // The address option is the first one inside, in everything clients send.
      address:
        data.length >= 32 && data.readUInt16BE(12) === option6.address
          ? bytesToIpv6(data.subarray(16, 32))
          : null,
    }))
}
