import { link, lstat, rm } from 'node:fs/promises'
import type { ImageContext } from '../context.js'
import { openAllowed } from './file.js'
import type { Validators } from './types.js'

/**
 * Gives a `file://` image a second name instead of copying it, if the file system lets us.
 * @returns false when it must be copied
 * @throws ImageRefValidationFailed
 */
export async function linkAllowed(
  ctx: ImageContext,
  href: string,
  opened: Validators,
  target: string,
): Promise<boolean> {
  await using file = await openAllowed(ctx, href)
  if (file.info.etag !== opened.etag) return false
  try {
    await link(file.path, target)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error
    return false
  }
  const [linked, checked] = await Promise.all([lstat(target), file.handle.stat()])
  if (linked.ino === checked.ino && linked.dev === checked.dev) return true
  await rm(target)
  return false
}
