/**
 * The images this machine has. One reference is fetched once however many ask, in this process
 * and in others; only whole, verified files are ever seen under their names.
 */
import { rename, rm, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { compareChecksum, type Checksum } from '../checksum.js'
import type { ImageContext } from '../context.js'
import { service } from '../../services.js'
import type { ImageFormat } from '../formats/types.js'
import { openIfChanged } from '../open.js'
import { cleanCache } from './clean.js'
import { download, type Wanted } from './download.js'
import { readEntry, writeEntry, type Entry } from './entry.js'
import { layoutOf, linkOrCopy, makeDirectories, masterName, ownName } from './layout.js'
import { lockFile } from './lock.js'
import { createSlots, type Slots } from './slots.js'
import { createSharing } from './sharing.js'

export interface FetchOptions {
  readonly signal: AbortSignal
  /** What the image must have; without it none is checked. */
  readonly checksum?: Checksum | null
  /** Convert to raw what is in a format of virtual machines. */
  readonly raw?: boolean
  /** Kernels and ramdisks are not looked into: they are not disk images. */
  readonly inspect?: boolean
  /** The format the image is said to have; for Glance it need not be given. */
  readonly format?: string | null
  /** An Authorization header for this image alone. */
  readonly authorization?: string | null
}

export interface CachedImage {
  readonly path: string
  readonly size: number
  /** As it was fetched; null when it was not looked into. */
  readonly format: ImageFormat | null
  /** Of the original, by algorithm. */
  readonly digests: Readonly<Record<string, string>>
  /** The file may go; call it once, when nobody reads the path any more. */
  release(): Promise<void>
}

export interface ImageCache {
  /**
   * @throws ImageRefValidationFailed, ImageDownloadFailed, ImageNotFound, ImageNotAuthorized,
   *   ImageChecksumError, InvalidImage, ImageConvertFailed, InsufficientDiskSpace
   */
  fetch(href: string, options: FetchOptions): Promise<CachedImage>
  /** Brings the cache within its limits. */
  clean(): Promise<void>
}

type Obtained = Pick<CachedImage, 'path' | 'size' | 'format' | 'digests'>

/** The cache of this process. */
export const imageCache = service({ name: 'image cache', create: createCache })

function createCache(ctx: ImageContext): ImageCache {
  const layout = layoutOf(ctx)
  const slots = createSlots(ctx.config.DEFAULT.image_download_concurrency)
  const shared = createSharing<Obtained>(({ path }) => rm(path, { force: true }))
  return {
    async fetch(href, options) {
      const wanted = wantedOf(href, options)
      await makeDirectories(layout)
      const path = join(layout.uses, ownName())
      const obtained = await shared.take(
        JSON.stringify(wanted),
        options.signal,
        (signal) => obtain(ctx, slots, wanted, signal),
        (one) => linkOrCopy(one.path, path),
      )
      return { ...obtained, path, release: () => rm(path, { force: true }) }
    },
    async clean() {
      await makeDirectories(layout)
      await cleanCache(ctx, layout)
    },
  }
}

const wantedOf = (href: string, options: FetchOptions): Wanted => ({
  href,
  checksum: options.checksum ?? null,
  raw: options.raw ?? false,
  inspect: options.inspect ?? true,
  declared: options.format ?? null,
  authorization: options.authorization ?? null,
})

/** A file of this call's own, linked to the cached one where there is one. */
async function obtain(
  ctx: ImageContext,
  slots: Slots,
  wanted: Wanted,
  signal: AbortSignal,
): Promise<Obtained> {
  const layout = layoutOf(ctx)
  const name = masterName(wanted.href, wanted.raw)
  const slot = await slots.take(signal)
  const unlock = await lockFile(layout.locks, name, ctx.clock, signal).catch((error: unknown) => {
    slot.free()
    throw error
  })
  try {
    const path = join(layout.uses, ownName())
    const known = await usable(layout, name, wanted)
    const entry = (await fresh(ctx, name, wanted, known, path, signal)) ?? known
    if (entry === null) throw new Error('neither a cached image nor a new one')
    return { path, size: (await stat(path)).size, format: entry.format, digests: entry.digests }
  } finally {
    slot.free()
    await unlock()
  }
}

/** A cached image that was looked at as this request wants, with a digest that can be compared. */
async function usable(layout: ReturnType<typeof layoutOf>, name: string, wanted: Wanted) {
  const entry = await readEntry(layout, name)
  if (entry === null || (entry.etag === null && entry.lastModified === null)) return null
  if (wanted.inspect && (!entry.inspected || entry.declared !== wanted.declared)) return null
  const { checksum } = wanted
  return checksum !== null && entry.digests[checksum.algorithm] === undefined ? null : entry
}

/**
 * Fetches what is not cached or has changed, and leaves a link to it at `path`.
 * @returns null when the cached one is still right
 */
async function fresh(
  ctx: ImageContext,
  name: string,
  wanted: Wanted,
  known: Entry | null,
  path: string,
  signal: AbortSignal,
): Promise<Omit<Entry, 'size' | 'mtimeMs'> | null> {
  const layout = layoutOf(ctx)
  const opened = await openIfChanged(ctx, wanted.href, {
    signal,
    ...(known === null ? {} : { unless: known }),
    ...(wanted.authorization === null ? {} : { authorization: wanted.authorization }),
  })
  if (opened === null && known !== null) {
    if (wanted.checksum)
      compareChecksum(wanted.checksum, known.digests[wanted.checksum.algorithm] ?? '')
    await reuse(join(layout.root, name), path)
    return null
  }
  if (opened === null) throw new Error('nothing was asked for conditionally')
  const file = await download(ctx, layout, wanted, opened, signal)
  const { etag, lastModified, keep } = opened
  const { digests, finding } = file
  const entry = {
    etag,
    lastModified,
    digests,
    format: finding?.format ?? null,
    virtualSize: finding?.virtualSize ?? null,
    inspected: wanted.inspect,
    declared: wanted.declared,
  }
  const kept = !layout.disabled && (keep === 'always' || (keep === 'converted' && file.converted))
  if (!kept) {
    await rename(file.path, path)
    return entry
  }
  await linkOrCopy(file.path, path)
  await writeEntry(layout, name, file.path, entry)
  await cleanCache(ctx, layout)
  return entry
}

async function reuse(master: string, path: string): Promise<void> {
  await linkOrCopy(master, path)
  const { mtime } = await stat(master)
  // The access time says when it was last of use, also where reading does not set it.
  await utimes(master, new Date(), mtime)
}
