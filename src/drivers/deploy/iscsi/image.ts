/** The image of an instance as a raw file on this machine. */
import { imageCache, type CachedImage } from '../../../images/cache/cache.js'
import { checksumOf, parseChecksum, type Checksum } from '../../../images/checksum.js'
import { describeImage } from '../../../images/open.js'
import { mib } from '../../../images/disk/device.js'
import { pythonStr } from '../../../python/repr.js'
import { isGlanceImage } from '../../driver-info/image.js'
import { partitionLayout } from '../../driver-info/layout.js'
import { InstanceDeployFailure } from '../../errors.js'
import type { Task } from '../../interfaces.js'
import { isWholeDisk } from './boot.js'

/**
 * Fetches the image, runs something with it, and lets it go.
 * @throws InstanceDeployFailure when it is too large for the root partition; what the cache throws
 */
export async function withImage<T>(
  task: Task,
  work: (image: CachedImage) => Promise<T>,
): Promise<T> {
  const source = pythonStr(task.node.instanceInfo?.['image_source'])
  const { signal } = task
  const image = await imageCache(task.ctx).fetch(source, {
    signal,
    raw: true,
    checksum: await checksumFor(task, source),
  })
  try {
    requireFits(task, image.size)
    return await work(image)
  } finally {
    await image.release()
  }
}

async function checksumFor(task: Task, source: string): Promise<Checksum | null> {
  const { ctx, node, signal } = task
  if (!isGlanceImage(source)) return checksumOf(ctx, node.instanceInfo ?? {}, signal)
  const { glance } = await describeImage(ctx, source, signal)
  const { os_hash_algo: algorithm, os_hash_value: value } = glance ?? {}
  if (typeof value !== 'string' || typeof algorithm !== 'string') return null
  return parseChecksum(ctx, value, algorithm)
}

function requireFits(task: Task, size: number): void {
  if (isWholeDisk(task)) return
  const root = Number(partitionLayout(task, { image: true })['root_mb'])
  const needed = Math.ceil(size / mib)
  if (needed <= root) return
  throw new InstanceDeployFailure(
    `Root partition is too small for requested image. Image virtual size: ${needed} MB, Root size: ${root} MB`,
  )
}
