import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto'
import { IpmiProtocolError } from '../errors.js'
import { authAlgorithm, integrityAlgorithm } from './suites.js'

const hmacNames: Readonly<Record<number, string>> = {
  [authAlgorithm.sha1]: 'sha1',
  [authAlgorithm.sha256]: 'sha256',
}
const rakpTruncation: Readonly<Record<number, number>> = {
  [authAlgorithm.sha1]: 12,
  [authAlgorithm.sha256]: 16,
}
const integrity: Readonly<Record<number, { hmac: string; length: number }>> = {
  [integrityAlgorithm.sha1x96]: { hmac: 'sha1', length: 12 },
  [integrityAlgorithm.sha256x128]: { hmac: 'sha256', length: 16 },
}

/** The keyed hash of an authentication algorithm; nothing for `none`. */
export function authHmac(algorithm: number, key: Buffer, ...parts: readonly Buffer[]): Buffer {
  const name = hmacNames[algorithm]
  if (name === undefined) return Buffer.alloc(0)
  const hmac = createHmac(name, key)
  for (const part of parts) hmac.update(part)
  return hmac.digest()
}

/** What RAKP message 4 carries of a hash (IPMI 2.0, 13.28.1). */
export const truncateForRakp4 = (algorithm: number, hash: Buffer): Buffer =>
  hash.subarray(0, rakpTruncation[algorithm] ?? 0)

/** Length of the signature of a packet. */
export const signatureLength = (algorithm: number): number => integrity[algorithm]?.length ?? 0

/** The signature of a packet (IPMI 2.0, 13.28.4). */
export function sign(algorithm: number, key: Buffer, bytes: Buffer): Buffer {
  const how = integrity[algorithm]
  if (how === undefined) return Buffer.alloc(0)
  return createHmac(how.hmac, key).update(bytes).digest().subarray(0, how.length)
}

/** Equal, in a time that does not depend on where they differ. */
export const sameBytes = (a: Buffer, b: Buffer): boolean =>
  a.length === b.length && timingSafeEqual(a, b)

const block = 16

/**
 * AES-CBC-128 (IPMI 2.0, 13.29): a random vector, then the payload with the padding 1, 2, 3 …
 * and its length.
 */
export function encrypt(key: Buffer, payload: Buffer, iv: Buffer = randomBytes(block)): Buffer {
  const padding = (block - ((payload.length + 1) % block)) % block
  const pad = Buffer.from(Array.from({ length: padding }, (_, i) => i + 1))
  const plain = Buffer.concat([payload, pad, Buffer.from([padding])])
  const cipher = createCipheriv('aes-128-cbc', key.subarray(0, block), iv).setAutoPadding(false)
  return Buffer.concat([iv, cipher.update(plain), cipher.final()])
}

/** @throws IpmiProtocolError when the length or the padding is wrong */
export function decrypt(key: Buffer, bytes: Buffer): Buffer {
  if (bytes.length < 2 * block || bytes.length % block !== 0) {
    throw new IpmiProtocolError('encrypted payload has a wrong length', bytes.length)
  }
  const iv = bytes.subarray(0, block)
  const cipher = createDecipheriv('aes-128-cbc', key.subarray(0, block), iv).setAutoPadding(false)
  const plain = Buffer.concat([cipher.update(bytes.subarray(block)), cipher.final()])
  const padding = plain.readUInt8(plain.length - 1)
  if (padding >= plain.length) {
    throw new IpmiProtocolError('encrypted payload has a wrong padding', bytes.length - 1)
  }
  return plain.subarray(0, plain.length - 1 - padding)
}
