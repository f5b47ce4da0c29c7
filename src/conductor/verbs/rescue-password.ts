import { createHash, randomInt, type BinaryLike } from 'node:crypto'

/**
 * Unix crypt with SHA-256 or SHA-512, as `/etc/shadow` has it: what the rescue ramdisk sets.
 * Specification: Ulrich Drepper, "Unix crypt using SHA-256 and SHA-512", version 0.6.
 */

type Algorithm = 'sha256' | 'sha512'

const alphabet = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const rounds = 5000

/** Order in which the digest's bytes are printed, three at a time. */
const order256 = [
  [0, 10, 20], [21, 1, 11], [12, 22, 2], [3, 13, 23], [24, 4, 14], [15, 25, 5], [6, 16, 26],
  [27, 7, 17], [18, 28, 8], [9, 19, 29],
] as const // prettier-ignore

/** Hashes a password with a salt of its own. */
export function hashPassword(password: string, algorithm: Algorithm = 'sha256'): string {
  const salt = Array.from({ length: 16 }, () => alphabet[randomInt(64)]).join('')
  return cryptPassword(password, salt, algorithm)
}

/** @param salt at most 16 characters */
export function cryptPassword(password: string, salt: string, algorithm: Algorithm): string {
  const digest = rounded(algorithm, Buffer.from(password, 'utf8'), Buffer.from(salt, 'utf8'))
  return `$${algorithm === 'sha256' ? 5 : 6}$${salt}$${printed(algorithm, digest)}`
}

const digestOf = (algorithm: Algorithm, ...parts: BinaryLike[]): Buffer => {
  const hash = createHash(algorithm)
  for (const part of parts) hash.update(part)
  return hash.digest()
}

const repeated = (block: Buffer, length: number): Buffer => Buffer.alloc(length, block)

function firstDigest(algorithm: Algorithm, key: Buffer, salt: Buffer): Buffer {
  const alternate = digestOf(algorithm, key, salt, key)
  const parts: Buffer[] = [key, salt, repeated(alternate, key.length)]
  for (let bits = key.length; bits > 0; bits >>= 1) parts.push(bits & 1 ? alternate : key)
  return digestOf(algorithm, ...parts)
}

function rounded(algorithm: Algorithm, key: Buffer, salt: Buffer): Buffer {
  let digest = firstDigest(algorithm, key, salt)
  const p = repeated(digestOf(algorithm, ...Array<Buffer>(key.length).fill(key)), key.length)
  const salts = Array<Buffer>(16 + digest[0]!).fill(salt)
  const s = repeated(digestOf(algorithm, ...salts), salt.length)
  for (let i = 0; i < rounds; i++) {
    const parts = [i % 2 ? p : digest]
    if (i % 3) parts.push(s)
    if (i % 7) parts.push(p)
    parts.push(i % 2 ? digest : p)
    digest = digestOf(algorithm, ...parts)
  }
  return digest
}

function printed(algorithm: Algorithm, digest: Buffer): string {
  const byte = (i: number): number => digest[i]!
  if (algorithm === 'sha256') {
    const groups = order256.map(([a, b, c]) => group(byte(a), byte(b), byte(c), 4))
    return groups.join('') + group(0, byte(31), byte(30), 3)
  }
  const groups = Array.from({ length: 21 }, (_, i) => {
    const triple = [i, i + 21, i + 42]
    const turned = [...triple.slice(i % 3), ...triple.slice(0, i % 3)]
    return group(byte(turned[0]!), byte(turned[1]!), byte(turned[2]!), 4)
  })
  return groups.join('') + group(0, 0, byte(63), 2)
}

/** Three bytes as characters of six bits, the lowest first. */
function group(high: number, middle: number, low: number, characters: number): string {
  let value = (high << 16) | (middle << 8) | low
  let text = ''
  for (let i = 0; i < characters; i++) {
    text += alphabet[value & 63]
    value >>= 6
  }
  return text
}
