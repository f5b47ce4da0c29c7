/** Images that exist already, made available to a BMC (`image_utils.prepare_remote_image`). */
import { rm } from 'node:fs/promises'
import { InvalidParameterValue } from '../../../errors.js'
import { imageCache } from '../../../images/cache/cache.js'
import { linkOrCopy } from '../../../images/cache/layout.js'
import { swiftUrl } from '../../deploy/swift-image.js'
import type { Task } from '../../interfaces.js'
import { publishFile, type Transport } from './publish.js'

/** `http`: the BMC fetches the image itself; `local`: from here; `swift`: Glance's from Swift. */
export type DownloadSource = 'http' | 'local' | 'swift'

const shares = new Set(['nfs', 'cifs', 'smb'])
const fetchable = new Set(['http', 'https', ...shares])
const glanceId = /^(?:glance:\/\/)?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i

/** Whether a BMC can fetch an image without this service. */
export function isServedElsewhere(href: string, source: DownloadSource): boolean {
  const scheme = schemeOf(href)
  if (scheme === 'swift') return true
  if (source === 'local') return false
  return fetchable.has(scheme) || (source === 'swift' && glanceId.test(href))
}

/** @throws InvalidParameterValue for an image on a share, which only the BMC can read */
export function checkDownloadSource(href: string, source: DownloadSource): void {
  const scheme = schemeOf(href)
  if (source !== 'local' || !shares.has(scheme)) return
  throw new InvalidParameterValue(
    `image_download_source is set to 'local' but the image URL ${href} uses the ${scheme} protocol which cannot be downloaded by the conductor. Set image_download_source to 'http' or remove it to use the default.`,
  )
}

/**
 * The URL of an image for a BMC: its own, or that of a copy published under `name`.
 * @throws InvalidParameterValue, MissingParameterValue, what the image cache throws
 */
export async function publishRemoteImage(
  task: Task,
  href: string,
  options: {
    readonly name: string
    readonly source: DownloadSource
    readonly transport?: Transport
  },
): Promise<string> {
  const { name, source, transport } = options
  checkDownloadSource(href, source)
  if (isServedElsewhere(href, source)) return addressOf(task, href, source)
  const { signal, ctx } = task
  const cached = await imageCache(ctx).fetch(href, { signal, inspect: false })
  try {
    return await publishFile(task, name, (path) => linked(cached.path, path), transport)
  } finally {
    await cached.release()
  }
}

async function linked(from: string, to: string): Promise<void> {
  await rm(to, { force: true })
  await linkOrCopy(from, to)
}

function addressOf(task: Task, href: string, source: DownloadSource): string {
  const id = glanceId.exec(href)?.[1]
  return source === 'swift' && id !== undefined ? swiftUrl(task, id) : href
}

const schemeOf = (href: string): string =>
  /^([a-z][a-z0-9+.-]*):/i.exec(href)?.[1]?.toLowerCase() ?? ''
