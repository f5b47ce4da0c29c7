import { macText } from '../addresses.js'
import { architectureOf } from '../architectures.js'
import type { Architecture } from '../architectures.js'
import { decodeNested, messageType, option, relayOption } from './options.js'
import type { MessageType } from './options.js'
import type { Dhcpv4Packet } from './packet.js'

/** Questions about a packet, answered by pure functions. */

const names = new Map(
  Object.entries(messageType).map(([name, code]) => [code as number, name as MessageType]),
)

/** The kind of a message; null for BOOTP and for kinds that are not implemented. */
export const kindOf = ({ options }: Dhcpv4Packet): MessageType | null =>
  names.get(options.get(option.messageType)?.[0] ?? 0) ?? null

const ethernet = 1
const infiniband = 32

/** The MAC address, also of firmware that states the length of the field; null unless Ethernet. */
export function macOf({ hardwareType, hardwareLength, hardwareAddress }: Dhcpv4Packet) {
  if (hardwareType !== ethernet || hardwareLength < 6) return null
  return macText(hardwareAddress.subarray(0, 6))
}

/**
 * The client identifier. InfiniBand sends no hardware address, and its client identifier ends in the
 * GUID of the port (RFC 4390).
 */
export function clientIdentifierOf({ options }: Dhcpv4Packet): string | null {
  const id = options.get(option.clientIdentifier)
  return id === undefined || id.length === 0 ? null : macText(id)
}

export const isInfiniband = ({ hardwareType }: Dhcpv4Packet): boolean => hardwareType === infiniband

const textOf = ({ options }: Dhcpv4Packet, code: number): string =>
  (options.get(code) ?? Buffer.alloc(0)).toString('latin1').replace(/\0+$/, '')

export const vendorClassOf = (packet: Dhcpv4Packet): string => textOf(packet, option.vendorClass)

export const isPxeClient = (packet: Dhcpv4Packet): boolean =>
  vendorClassOf(packet).startsWith('PXEClient')

/** Whether the client is UEFI HTTP boot, which takes only answers that carry the same class. */
export const isHttpClient = (packet: Dhcpv4Packet): boolean =>
  vendorClassOf(packet).startsWith('HTTPClient')

/** The user classes: with lengths as in RFC 3004, or the bare text, which iPXE sends. */
export function userClassesOf({ options }: Dhcpv4Packet): string[] {
  const bytes = options.get(option.userClass)
  if (bytes === undefined) return []
  const classes: string[] = []
  for (let at = 0; at < bytes.length;) {
    const length = bytes.readUInt8(at)
    if (length === 0 || at + 1 + length > bytes.length) return [bytes.toString('latin1')]
    classes.push(bytes.toString('latin1', at + 1, at + 1 + length))
    at += 1 + length
  }
  return classes
}

/** Whether the client is iPXE, by its user class or by the options that only iPXE sends. */
export const isIpxe = (packet: Dhcpv4Packet): boolean =>
  userClassesOf(packet).includes('iPXE') || packet.options.has(option.ipxe)

/**
 * The client's architecture, by option 93, else by the vendor class (`PXEClient:Arch:00007:…`); null
 * when neither names a supported one.
 */
export function architectureFor(packet: Dhcpv4Packet): Architecture | null {
  const bytes = packet.options.get(option.clientArchitecture) ?? Buffer.alloc(0)
  for (let at = 0; at + 2 <= bytes.length; at += 2) {
    const architecture = architectureOf(bytes.readUInt16BE(at))
    if (architecture !== null) return architecture
  }
  const named = /:Arch:(\d{5})/.exec(vendorClassOf(packet))?.[1]
  return named === undefined ? null : architectureOf(Number(named))
}

const addressIn = (options: ReadonlyMap<number, Buffer>, code: number): string | null => {
  const bytes = options.get(code)
  return bytes?.length === 4 ? bytes.join('.') : null
}

export const requestedAddressOf = (packet: Dhcpv4Packet): string | null =>
  addressIn(packet.options, option.requestedAddress)

export const serverIdentifierOf = (packet: Dhcpv4Packet): string | null =>
  addressIn(packet.options, option.serverIdentifier)

export const isRelayed = ({ relayAddress }: Dhcpv4Packet): boolean => relayAddress !== '0.0.0.0'

const relayAddressIn = (packet: Dhcpv4Packet, code: number): string | null => {
  // Only a relay may speak for itself: option 82 of a client without one is a client's claim.
  if (!isRelayed(packet)) return null
  return addressIn(decodeNested(packet.options.get(option.relayAgent) ?? Buffer.alloc(0)), code)
}

/**
 * An address in the subnet that the relay (RFC 3527) or else the client (RFC 3011) selects; null
 * when neither does.
 */
export const selectedSubnetOf = (packet: Dhcpv4Packet): string | null =>
  relayAddressIn(packet, relayOption.linkSelection) ??
  addressIn(packet.options, option.subnetSelection)

/** The server identifier that the relay requires in answers (RFC 5107); null without one. */
export const serverOverrideOf = (packet: Dhcpv4Packet): string | null =>
  relayAddressIn(packet, relayOption.serverOverride)

/** Whether the client is a network boot program and not an operating system. */
export const isNetworkBoot = (packet: Dhcpv4Packet): boolean =>
  isPxeClient(packet) || isHttpClient(packet) || isIpxe(packet)
