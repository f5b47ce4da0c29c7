/** Which checksum an image must have, and whether it has it (`common/checksum_utils.py`). */
import { createHash, getHashes, timingSafeEqual } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { posix } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { JsonObject } from '../db/columns.js'
import { checksumFromFile } from './checksum-file.js'
import type { ImageContext } from './context.js'
import {
  ImageChecksumAlgorithmFailure,
  ImageChecksumError,
  ImageChecksumUrlNotSupported,
} from './errors.js'
import { readSmall } from './open.js'

export interface Checksum {
  /** As OpenSSL names it: `sha256`. */
  readonly algorithm: string
  /** Lower-case hexadecimal. */
  readonly value: string
}

/** Larger files of checksums are no files of checksums. */
const mostChecksumFile = 1024 * 1024
const byLength: Readonly<Record<number, string>> = { 32: 'md5', 64: 'sha256', 128: 'sha512' }

/**
 * The checksum an instance's image must have: `image_os_hash_*` over `image_checksum`, which may
 * be a value, `algorithm:value`, or the URL of a file of checksums.
 * @returns null when `instance_info` names none
 * @throws ImageChecksumAlgorithmFailure, ImageChecksumError, ImageChecksumUrlNotSupported,
 *   ImageDownloadFailed
 */
export async function checksumOf(
  ctx: ImageContext,
  instanceInfo: JsonObject,
  signal: AbortSignal,
): Promise<Checksum | null> {
  const { image_os_hash_value: value, image_os_hash_algo: algorithm } = instanceInfo
  if (typeof value === 'string' && value !== '') {
    return parseChecksum(ctx, value, typeof algorithm === 'string' ? algorithm : undefined)
  }
  const { image_checksum: given, image_source: source } = instanceInfo
  if (typeof given !== 'string' || given === '') return null
  if (!/^https?:\/\//.test(given)) return parseChecksum(ctx, given)
  if (ctx.config.conductor.disable_support_for_checksum_files) {
    throw new ImageChecksumUrlNotSupported()
  }
  const text = await readSmall(ctx, given, mostChecksumFile, signal)
  const name = fileName(typeof source === 'string' ? source : '')
  return parseChecksum(ctx, checksumFromFile(text.toString('utf8'), name, given))
}

const fileName = (source: string): string =>
  URL.canParse(source) ? decodeURIComponent(posix.basename(new URL(source).pathname)) : source

/**
 * Reads a checksum; without an algorithm its length says which it is.
 * @throws ImageChecksumAlgorithmFailure for one that is unknown or not allowed
 * @throws ImageChecksumError when the value cannot be one
 */
export function parseChecksum(ctx: ImageContext, text: string, algorithm?: string): Checksum {
  const [first = '', second] = text.split(':', 2)
  const value = (second ?? first).trim().toLowerCase()
  const name = ((second === undefined ? algorithm : first) ?? byLength[value.length])?.toLowerCase()
  if (!/^[0-9a-f]+$/.test(value)) throw new ImageChecksumError()
  const forbidden = name === 'md5' && !ctx.config.agent.allow_md5_checksum
  if (name === undefined || forbidden || !getHashes().includes(name)) {
    throw new ImageChecksumAlgorithmFailure()
  }
  return { algorithm: name, value }
}

/** @throws ImageChecksumError when they differ */
export function compareChecksum(wanted: Checksum, actual: string): void {
  const [a, b] = [Buffer.from(wanted.value), Buffer.from(actual.toLowerCase())]
  if (a.length !== b.length || !timingSafeEqual(a, b)) throw new ImageChecksumError()
}

/** Passes bytes on and hashes them; ask for the digests when it has ended. */
export class HashingStream extends Transform {
  readonly #hashes
  constructor(algorithms: readonly string[]) {
    super()
    this.#hashes = new Map([...new Set(algorithms)].map((name) => [name, createHash(name)]))
  }
  override _transform(chunk: Buffer, _encoding: string, done: (e: null, c: Buffer) => void): void {
    for (const hash of this.#hashes.values()) hash.update(chunk)
    done(null, chunk)
  }
  /** By algorithm, hexadecimal. */
  digests(): Record<string, string> {
    return Object.fromEntries([...this.#hashes].map(([name, hash]) => [name, hash.digest('hex')]))
  }
}

/** The digest of a local file. */
export async function hashFile(
  path: string,
  algorithm: string,
  signal: AbortSignal,
): Promise<string> {
  const hash = createHash(algorithm)
  await pipeline(createReadStream(path), hash, { signal })
  return hash.digest('hex')
}
