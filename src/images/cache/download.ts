/** From a reference to a finished file: fetched, verified, looked into, converted. */
import { createWriteStream } from 'node:fs'
import { open, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { compareChecksum, HashingStream, hashFile, type Checksum } from '../checksum.js'
import type { ImageContext } from '../context.js'
import { convertToRaw } from '../convert.js'
import { ImageConvertFailed, ImageDownloadFailed, InsufficientDiskSpace } from '../errors.js'
import type { Finding, ImageFormat } from '../formats/types.js'
import { shownHref } from '../href.js'
import { checkImage, inspectFormat } from '../inspect.js'
import { linkAllowed } from '../sources/link.js'
import type { OpenedImage } from '../sources/types.js'
import { ensureSpace, freeSpace } from './clean.js'
import { ownName, type CacheLayout } from './layout.js'

const mib = 1024 * 1024
/** Never filled by an image whose size nobody told. */
const reserve = 64 * mib
const rawFormats: readonly (ImageFormat | null)[] = ['raw', 'gpt', 'iso', null]

export interface Wanted {
  readonly href: string
  readonly checksum: Checksum | null
  readonly raw: boolean
  readonly inspect: boolean
  readonly declared: string | null
  /** Opens this image at its server. */
  readonly authorization: string | null
}
export interface Finished {
  readonly path: string
  readonly digests: Record<string, string>
  readonly finding: Finding | null
  readonly converted: boolean
}

/**
 * Reads an opened image into the cache's own corner.
 * @returns a file only this call knows of
 * @throws ImageDownloadFailed, ImageChecksumError, InvalidImage, ImageConvertFailed,
 *   InsufficientDiskSpace; nothing is left behind then
 */
export async function download(
  ctx: ImageContext,
  layout: CacheLayout,
  wanted: Wanted,
  opened: OpenedImage,
  signal: AbortSignal,
): Promise<Finished> {
  const path = join(layout.parts, `${ownName()}.part`)
  try {
    const digests = await transfer(ctx, layout, wanted, opened, path, signal)
    if (wanted.checksum !== null) {
      compareChecksum(wanted.checksum, digests[wanted.checksum.algorithm] ?? '')
    }
    if (wanted.inspect) await refuseCompressed(wanted.href, path)
    const finding = await inspected(ctx, wanted, opened, path)
    if (!wanted.raw || rawFormats.includes(finding?.format ?? null)) {
      return { path, digests, finding, converted: false }
    }
    const raw = await toRaw(ctx, layout, wanted.href, path, finding, signal)
    await rm(path)
    return { path: raw, digests, finding, converted: true }
  } catch (error) {
    opened.stream.destroy()
    await rm(path, { force: true })
    throw fullDisk(layout, opened, error)
  }
}

async function transfer(
  ctx: ImageContext,
  layout: CacheLayout,
  { href, checksum }: Wanted,
  opened: OpenedImage,
  path: string,
  signal: AbortSignal,
): Promise<Record<string, string>> {
  if (opened.keep === 'converted' && (await linkAllowed(ctx, href, opened, path))) {
    opened.stream.destroy()
    if (checksum === null) return {}
    return { [checksum.algorithm]: await hashFile(path, checksum.algorithm, signal) }
  }
  if (opened.size !== null) await ensureSpace(ctx, layout, opened.size)
  const most = opened.size ?? (await freeSpace(layout)) - reserve
  const hashing = new HashingStream(['sha256', ...(checksum ? [checksum.algorithm] : [])])
  const file = createWriteStream(path, { flags: 'wx', mode: 0o640 })
  await pipeline(opened.stream, bounded(href, layout, opened.size, most), hashing, file, { signal })
  return hashing.digests()
}

/** Lets through what was announced and no more. */
function bounded(href: string, layout: CacheLayout, announced: number | null, most: number) {
  let seen = 0
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      seen += chunk.length
      if (seen <= most) done(null, chunk)
      else if (announced === null)
        done(new InsufficientDiskSpace(layout.root, seen / mib, most / mib))
      else done(new ImageDownloadFailed(shownHref(href), `It is larger than ${announced} bytes.`))
    },
    flush(done) {
      const short = announced !== null && seen < announced
      const reason = `It ended after ${seen} of ${announced} bytes.`
      done(short ? new ImageDownloadFailed(shownHref(href), reason) : null)
    },
  })
}

async function inspected(
  ctx: ImageContext,
  { inspect, declared }: Wanted,
  opened: OpenedImage,
  path: string,
): Promise<Finding | null> {
  if (!inspect) return null
  if (ctx.config.conductor.disable_deep_image_inspection) return inspectFormat(path)
  const ofGlance = opened.glance?.['disk_format']
  return checkImage(ctx, path, declared ?? (typeof ofGlance === 'string' ? ofGlance : null))
}

/** It would be taken for raw and written as it is. */
async function refuseCompressed(href: string, path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    const { buffer } = await handle.read(Buffer.alloc(4), 0, 4, 0)
    if (buffer.readUInt32LE() !== 0xfd2fb528) return
  } finally {
    await handle.close()
  }
  throw new ImageDownloadFailed(shownHref(href), 'It is compressed with zstd; decompress it first.')
}

async function toRaw(
  ctx: ImageContext,
  layout: CacheLayout,
  href: string,
  path: string,
  finding: Finding | null,
  signal: AbortSignal,
): Promise<string> {
  const format = finding?.format ?? 'raw'
  const full = finding?.virtualSize ?? 0
  const { size } = await stat(path)
  const estimate = Math.min(full, size * ctx.config.DEFAULT.raw_image_growth_factor)
  // Holes take no room, so the estimate is worth a try; a full disk is noticed all the same.
  await ensureSpace(ctx, layout, full).catch(() => ensureSpace(ctx, layout, estimate))
  const target = join(layout.parts, `${ownName()}.raw`)
  try {
    await convertToRaw(ctx, { href: shownHref(href), path, format }, target, signal)
    const { format: now } = await inspectFormat(target)
    if (rawFormats.includes(now)) return target
    throw new ImageConvertFailed(shownHref(href), `Converted to raw, but format is now ${now}`)
  } catch (error) {
    await rm(target, { force: true })
    throw error
  }
}

function fullDisk(layout: CacheLayout, opened: OpenedImage, error: unknown): unknown {
  const full = (error as NodeJS.ErrnoException).code === 'ENOSPC'
  return full ? new InsufficientDiskSpace(layout.root, (opened.size ?? 0) / mib, 0) : error
}
