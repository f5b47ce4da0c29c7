import { imageCache } from '../images/cache/cache.js'
import type { ImageContext } from '../images/context.js'
import { openRegular } from './safe-file.js'
import type { OpenFile } from './safe-file.js'

export interface HeldImage extends OpenFile {
  /** Closes the file and lets the cache remove it. */
  release(): Promise<void>
}

/**
 * Opens a kernel, ramdisk or ISO for a machine. It is fetched once into the cache and read from disk.
 * @throws what the image cache throws
 */
export async function holdImage(
  ctx: ImageContext,
  href: string,
  signal: AbortSignal,
): Promise<HeldImage | null> {
  const cached = await imageCache(ctx).fetch(href, { signal, inspect: false })
  const opened = await openRegular(cached.path)
  if (opened === null) {
    await cached.release()
    return null
  }
  const release = async () => {
    await opened.file.close()
    await cached.release()
  }
  return { ...opened, release }
}
