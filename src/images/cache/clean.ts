/** Keeping the cache within its limits (`image_cache.py`). */
import { readdir, rm, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import type { ImageContext } from '../context.js'
import { InsufficientDiskSpace } from '../errors.js'
import { removeEntry } from './entry.js'
import { isOwned, type CacheLayout } from './layout.js'

const mib = 1024 * 1024

interface Candidate {
  readonly name: string
  readonly size: number
  readonly used: number
  readonly inUse: boolean
}

/**
 * Removes what is older than `image_cache_ttl`, then the oldest until the cache is within
 * `image_cache_size`; what is in use stays.
 * @param reclaim bytes that are needed: goes on until so many are free again
 */
export async function cleanCache(
  ctx: ImageContext,
  layout: CacheLayout,
  reclaim = 0,
): Promise<void> {
  await sweep(layout)
  const { image_cache_size: most, image_cache_ttl: ttl } = ctx.config.pxe
  const masters = await candidates(layout)
  const expired = ctx.clock.now().getTime() - ttl * 60_000
  let total = masters.reduce((sum, { size }) => sum + size, 0)
  let wanted = reclaim
  for (const { name, size, used } of masters.filter(({ inUse }) => !inUse)) {
    if (used >= expired && total <= most * mib && wanted <= 0) continue
    await removeEntry(layout, name)
    total -= size
    wanted -= size
  }
}

/** Oldest first. */
async function candidates(layout: CacheLayout): Promise<Candidate[]> {
  const found: Candidate[] = []
  for (const item of await readdir(layout.root, { withFileTypes: true })) {
    if (!item.isFile() || item.name.endsWith('.json')) continue
    const info = await stat(join(layout.root, item.name)).catch(gone)
    if (info === null) continue
    const used = Math.max(info.mtimeMs, info.atimeMs, info.ctimeMs)
    found.push({ name: item.name, size: info.size, used, inUse: info.nlink > 1 })
  }
  return found.toSorted((a, b) => a.used - b.used)
}

/** Uses and parts of processes that are no more. */
async function sweep(layout: CacheLayout): Promise<void> {
  for (const dir of [layout.uses, layout.parts]) {
    for (const name of await readdir(dir)) {
      if (!isOwned(name)) await rm(join(dir, name), { force: true })
    }
  }
}

function gone(error: unknown): null {
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
  throw error
}

/** Bytes this process may still write. */
export async function freeSpace(layout: CacheLayout): Promise<number> {
  const { bavail, bsize } = await statfs(layout.root)
  return bavail * bsize
}

/**
 * Makes room, at the cost of what is cached.
 * @throws InsufficientDiskSpace
 */
export async function ensureSpace(
  ctx: ImageContext,
  layout: CacheLayout,
  bytes: number,
): Promise<void> {
  let free = await freeSpace(layout)
  if (bytes < free) return
  await cleanCache(ctx, layout, bytes - free)
  free = await freeSpace(layout)
  if (bytes >= free) throw new InsufficientDiskSpace(layout.root, bytes / mib, free / mib)
}
