/**
 * `file://` images: only below the directories the operator allows, whatever links and dots say
 * (`FileImageService`, CVE-2024-44982 and its kind).
 */
import { constants } from 'node:fs'
import { open, realpath, type FileHandle } from 'node:fs/promises'
import { resolve, sep } from 'node:path'
import { ImageDownloadFailed, ImageRefValidationFailed } from '../errors.js'
import type { ImageContext } from '../context.js'
import type { ImageInfo, ImageSource } from './types.js'

/** Never, whatever the operator allows. */
const blocked = ['/dev', '/sys', '/proc', '/boot', '/etc', '/run']

export const fileSource = (ctx: ImageContext): ImageSource => ({
  async describe(href) {
    await using opened = await openAllowed(ctx, href)
    return opened.info
  },
  async open(href, { signal, range, unless }) {
    signal.throwIfAborted()
    const { handle, info } = await openAllowed(ctx, href)
    if (unless && unless.etag === info.etag) {
      await handle.close()
      return null
    }
    const end = range?.end === undefined ? {} : { end: range.end }
    const stream = handle.createReadStream({ start: range?.start ?? 0, ...end, signal })
    return { ...info, stream, partial: range !== undefined }
  },
})

interface OpenFile extends AsyncDisposable {
  readonly handle: FileHandle
  readonly path: string
  readonly info: ImageInfo
}

/**
 * Opens the file a `file://` reference names, if it may be read.
 * @throws ImageRefValidationFailed
 */
export async function openAllowed(ctx: ImageContext, href: string): Promise<OpenFile> {
  const asked = pathOf(href)
  permit(ctx, href, resolve(asked), asked)
  const path = await realpath(asked).catch((cause: unknown) => {
    throw new ImageRefValidationFailed(href, 'Specified image file not found.', cause)
  })
  await permitReal(ctx, href, path)
  // Without links: what was checked is what is opened. Without blocking: a pipe is no image.
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK
  const handle = await open(path, flags).catch((cause: unknown) => {
    const reason = (cause as NodeJS.ErrnoException).code ?? 'unreadable'
    throw new ImageDownloadFailed(href, reason, cause)
  })
  try {
    await recheck(ctx, href, handle)
    return {
      handle,
      path,
      info: await infoOf(href, handle),
      [Symbol.asyncDispose]: closing(handle),
    }
  } catch (error) {
    await handle.close()
    throw error
  }
}

const closing = (handle: FileHandle) => () => handle.close()

/** A directory on the way may have become a link since: ask the kernel what is open. */
async function recheck(ctx: ImageContext, href: string, handle: FileHandle): Promise<void> {
  if (process.platform !== 'linux') return
  await permitReal(ctx, href, await realpath(`/proc/self/fd/${handle.fd}`))
}

async function infoOf(href: string, handle: FileHandle): Promise<ImageInfo> {
  const stat = await handle.stat({ bigint: true })
  if (!stat.isFile()) throw new ImageRefValidationFailed(href, 'Specified image file not found.')
  return {
    size: Number(stat.size),
    // Not the time of the last change of the inode: linking to it is one.
    etag: `${stat.ino}-${stat.mtimeNs}-${stat.size}`,
    lastModified: stat.mtime,
    contentType: null,
    url: href,
    keep: 'converted',
    glance: null,
  }
}

/** As upstream reads it: nothing is decoded, a host is not ours to ask. */
function pathOf(href: string): string {
  const [, host, path = ''] = /^file:\/\/([^/?#]*)([^?#]*)/i.exec(href) ?? []
  if (host === '' && path !== '' && !path.includes('\0')) return path
  throw new ImageRefValidationFailed(href, 'Specified image file not found.')
}

const below = (path: string, dir: string): boolean => path === dir || path.startsWith(dir + sep)

function permit(ctx: ImageContext, href: string, path: string, shown: string): void {
  const bad = blocked.find((dir) => below(path, dir))
  if (bad !== undefined) {
    throw new ImageRefValidationFailed(
      href,
      `Security: The path ${bad} is not permitted in file URLs`,
    )
  }
  const allowed = ctx.config.conductor.file_url_allowed_paths
  if (!allowed.some((dir) => below(path, dir.replace(/(?<=.)\/+$/, '')))) throw refused(href, shown)
}

/** The same for a path without links; the allowed directories may be links themselves. */
async function permitReal(ctx: ImageContext, href: string, path: string): Promise<void> {
  const bad = blocked.find((dir) => below(path, dir))
  const dirs = await Promise.all(
    ctx.config.conductor.file_url_allowed_paths.map((dir) => realpath(dir).catch(() => null)),
  )
  if (bad === undefined && dirs.some((dir) => dir !== null && below(path, dir))) return
  throw refused(href, pathOf(href))
}

const refused = (href: string, path: string) =>
  new ImageRefValidationFailed(
    href,
    `Security: Path ${path} is not allowed for image source file URLs`,
  )
