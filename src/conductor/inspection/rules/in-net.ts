/** The `in-net` condition: addresses and networks as upstream's netaddr reads them. */
import { BlockList, isIP } from 'node:net'
import { pythonRepr, pythonStr } from '../../../python/repr.js'
import type { RuleArgs } from './args.js'
import { RuleFailed } from './failure.js'

/**
 * Whether an address is in a network.
 * @throws RuleFailed when either is none
 */
export function inNet({ address, subnet }: RuleArgs): boolean {
  const network = networkOf(subnet)
  const text = typeof address === 'number' ? dotted(address) : pythonStr(address)
  const family = isIP(text)
  if (family === 0) {
    throw new RuleFailed(`failed to detect a valid IP address from ${pythonRepr(address)}`)
  }
  const list = new BlockList()
  list.addSubnet(network.base, network.bits, network.family)
  // What is written as IPv6 is in no IPv4 network, however it is mapped.
  return `ipv${family}` === network.family && list.check(text, network.family)
}

interface Network {
  readonly base: string
  readonly bits: number
  readonly family: 'ipv4' | 'ipv6'
}

function networkOf(subnet: unknown): Network {
  const [base = '', length] = pythonStr(subnet).split('/')
  const family = isIP(base)
  const most = family === 6 ? 128 : 32
  const bits = length === undefined ? most : prefixOf(length, family)
  if (family !== 0 && bits >= 0 && bits <= most) {
    return { base, bits, family: family === 6 ? 'ipv6' : 'ipv4' }
  }
  throw new RuleFailed(`invalid value: invalid IPNetwork ${pythonStr(subnet)}`)
}

/** The length of a prefix, or of an IPv4 netmask or host mask; -1 for anything else. */
function prefixOf(length: string, family: number): number {
  if (/^\d+$/.test(length)) return Number(length)
  if (family !== 4 || isIP(length) !== 4) return -1
  const bits = [...length.split('.')].map((part) => Number(part).toString(2).padStart(8, '0'))
  const mask = /^(1*)0*$/.exec(bits.join(''))
  const host = /^(0*)1*$/.exec(bits.join(''))
  return (mask ?? host)?.[1]?.length ?? -1
}

/** Numbers are IPv4 addresses as far as they go. */
const dotted = (address: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.')
