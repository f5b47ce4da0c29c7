import { isIP } from 'node:net'
import {
  bigintToIpv6,
  ipv4Mask,
  ipv4ToNumber,
  ipv6ToBigint,
  numberToIpv4,
} from '../protocols/dhcp/addresses.js'

/** Addresses for machines: one `[ferric] dhcp_range`. */
export interface AddressRange {
  /** `FIRST-LAST/PREFIX` as configured. */
  readonly text: string
  readonly family: 4 | 6
  readonly first: bigint
  readonly last: bigint
  readonly prefix: number
  readonly routers: readonly string[]
  readonly nameServers: readonly string[]
  readonly domain: string | null
}

/** A `dhcp_range` that cannot be used. The message names it and the reason. */
export class BadRange extends Error {
  override readonly name = 'BadRange'
}

const form = /^\s*([0-9a-f.:]+)\s*-\s*([0-9a-f.:]+)\/(\d+)\s*((?:,.*)?)$/i

/**
 * Reads `FIRST-LAST/PREFIX[,router=A][,dns=A][,domain=NAME]`.
 * @throws BadRange
 */
export function readRange(text: string): AddressRange {
  const [, from = '', to = '', bits = '', rest = ''] = form.exec(text) ?? []
  const family = isIP(from)
  if ((family !== 4 && family !== 6) || isIP(to) !== family) {
    throw new BadRange(`[ferric] dhcp_range: ${text} is not FIRST-LAST/PREFIX`)
  }
  const [first, last] = [numberOf(from), numberOf(to)]
  const width = family === 4 ? 32 : 128
  const prefix = Number(bits)
  const shift = BigInt(width - prefix)
  if (prefix > width || first > last || first >> shift !== last >> shift) {
    throw new BadRange(`[ferric] dhcp_range: ${text} is not a range of one network`)
  }
  const key = text.split(',')[0]?.replaceAll(/\s/g, '') ?? text
  return { text: key, family, first, last, prefix, ...readSettings(text, rest) }
}

function readSettings(text: string, rest: string) {
  const settings = {
    routers: [] as string[],
    nameServers: [] as string[],
    domain: null as string | null,
  }
  for (const item of rest
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '')) {
    const [key, value = ''] = item.split('=').map((one) => one.trim())
    if (key === 'router' && isIP(value)) settings.routers.push(value)
    else if (key === 'dns' && isIP(value)) settings.nameServers.push(value)
    else if (key === 'domain' && value !== '') settings.domain = value
    else
      throw new BadRange(`[ferric] dhcp_range: ${item} in ${text} is not router=, dns= or domain=`)
  }
  return settings
}

export const numberOf = (address: string): bigint =>
  address.includes(':') ? ipv6ToBigint(address) : BigInt(ipv4ToNumber(address))

export const addressOf = (family: 4 | 6, value: bigint): string =>
  family === 6 ? bigintToIpv6(value) : numberToIpv4(Number(value))

export const maskOf = ({ prefix }: AddressRange): string => numberToIpv4(ipv4Mask(prefix))

/** The network of the range: `192.0.2.0/24`. */
export function networkOf({ family, first, prefix }: AddressRange): string {
  const shift = BigInt((family === 4 ? 32 : 128) - prefix)
  return `${addressOf(family, (first >> shift) << shift)}/${prefix}`
}

/** Whether the address is between the first and the last one of the range. */
export function inRange(range: AddressRange, address: string): boolean {
  const value = inNetwork(range, address) ? numberOf(address) : null
  return value !== null && value >= range.first && value <= range.last
}

/** Whether the address is in the network of the range, which is larger than the range. */
export function inNetwork(range: AddressRange, address: string): boolean {
  if ((address.includes(':') ? 6 : 4) !== range.family) return false
  const shift = BigInt((range.family === 4 ? 32 : 128) - range.prefix)
  return numberOf(address) >> shift === range.first >> shift
}
