import { isIPv4 } from 'node:net'

/** Converts addresses from text: 32 bits to a number, 128 bits to a bigint. */

export const ipv4ToNumber = (text: string): number =>
  text.split('.').reduce((value, byte) => value * 256 + Number(byte), 0)

export const numberToIpv4 = (value: number): string =>
  [24, 16, 8, 0].map((shift) => (value >>> shift) & 0xff).join('.')

/** The mask of a prefix length. */
export const ipv4Mask = (prefix: number): number =>
  prefix === 0 ? 0 : (0xffffffff << (32 - prefix)) >>> 0

/** Whether both are in the network of the mask. */
export const sameIpv4Network = (a: string, b: string, mask: string): boolean => {
  const bits = ipv4ToNumber(mask)
  return (ipv4ToNumber(a) & bits) >>> 0 === (ipv4ToNumber(b) & bits) >>> 0
}

/** The broadcast address of the network. */
export const broadcastOf = (address: string, mask: string): string =>
  numberToIpv4((ipv4ToNumber(address) | ~ipv4ToNumber(mask)) >>> 0)

/** The 16 bytes of a well-formed IPv6 address, without its scope. */
export function ipv6ToBytes(text: string): Buffer {
  const [head = '', tail] = (text.split('%')[0] ?? '').split('::')
  const front = groups(head)
  const back = tail === undefined ? [] : groups(tail)
  const middle = Array.from({ length: 8 - front.length - back.length }, () => 0)
  const bytes = Buffer.alloc(16)
  for (const [i, group] of [...front, ...middle, ...back].entries()) {
    bytes.writeUInt16BE(group, i * 2)
  }
  return bytes
}

function groups(text: string): number[] {
  if (text === '') return []
  return text.split(':').flatMap((group) => {
    if (!isIPv4(group)) return [Number.parseInt(group, 16)]
    const value = ipv4ToNumber(group)
    return [value >>> 16, value & 0xffff]
  })
}

/** Writes an address in the form of RFC 5952: lower case, the longest run of zeros as `::`. */
export function bytesToIpv6(bytes: Buffer): string {
  const words = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(i * 2).toString(16))
  const runs = words.map((_, i) => ({ from: i, length: zerosFrom(words, i) }))
  const longest = runs.reduce((best, run) => (run.length > best.length ? run : best))
  if (longest.length < 2) return words.join(':')
  const after = words.slice(longest.from + longest.length)
  return `${words.slice(0, longest.from).join(':')}::${after.join(':')}`
}

function zerosFrom(words: readonly string[], from: number): number {
  const rest = words.slice(from)
  const end = rest.findIndex((word) => word !== '0')
  return end === -1 ? rest.length : end
}

export const ipv6ToBigint = (text: string): bigint =>
  BigInt(`0x${ipv6ToBytes(text).toString('hex')}`)

export const bigintToIpv6 = (value: bigint): string =>
  bytesToIpv6(Buffer.from(value.toString(16).padStart(32, '0'), 'hex'))

/** Whether both are in the network of the mask, which is written as an address, too. */
export function sameIpv6Network(a: string, b: string, mask: string): boolean {
  const bits = ipv6ToBigint(mask)
  return (ipv6ToBigint(a) & bits) === (ipv6ToBigint(b) & bits)
}

/** `52:54:00:12:34:56` of six bytes. */
export const macText = (bytes: Buffer): string =>
  [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(':')

/** The MAC that an interface identifier was made of (RFC 4291, appendix A); null for any other. */
export function macOfLinkLocal(address: string): string | null {
  const bytes = ipv6ToBytes(address)
  if (bytes[8] === undefined || bytes[11] !== 0xff || bytes[12] !== 0xfe) return null
  return macText(Buffer.from([bytes[8] ^ 2, ...bytes.subarray(9, 11), ...bytes.subarray(13)]))
}
