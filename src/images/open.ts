import { ImageRefValidationFailed } from './errors.js'
import type { ImageContext } from './context.js'
import { schemeOf, shownHref } from './href.js'
import { fileSource } from './sources/file.js'
import { glanceSource } from './sources/glance.js'
import { httpSource } from './sources/http.js'
import type { ImageInfo, ImageSource, OpenedImage, OpenOptions } from './sources/types.js'

function sourceOf(ctx: ImageContext, href: string): ImageSource {
  const scheme = schemeOf(href)
  switch (scheme) {
    case 'http':
    case 'https':
      return httpSource(ctx)
    case 'file':
      return fileSource(ctx)
    case 'glance':
      return glanceSource(ctx)
    case 'nfs':
    case 'cifs':
    case 'smb':
      throw new ImageRefValidationFailed(
        shownHref(href),
        `${scheme.toUpperCase()} files are accessed directly by the BMC, not downloaded by the conductor.`,
      )
    case 'oci':
      throw new ImageRefValidationFailed(
        shownHref(href),
        'Kernels, ramdisks and ISO images are not taken from OCI registries; only images of instances are.',
      )
    default:
      return scheme satisfies never
  }
}

/**
 * What a server says of an image, without reading it.
 * @throws ImageRefValidationFailed, ImageNotFound, ImageNotAuthorized, ImageUnacceptable
 */
export const describeImage = async (
  ctx: ImageContext,
  href: string,
  signal: AbortSignal,
): Promise<ImageInfo> => sourceOf(ctx, href).describe(href, signal)

/**
 * Opens an image for reading.
 * @param options `range` asks for a part; look at `partial` of the answer whether it is one
 * @throws as describeImage, and ImageDownloadFailed; the stream too ends with that
 */
export async function openImage(
  ctx: ImageContext,
  href: string,
  options: Omit<OpenOptions, 'unless'>,
): Promise<OpenedImage> {
  const opened = await sourceOf(ctx, href).open(href, options)
  if (opened === null) throw new Error('an unconditional request was answered as a conditional one')
  return opened
}

/** The same, null when the image still is what `unless` describes. */
export const openIfChanged = async (
  ctx: ImageContext,
  href: string,
  options: OpenOptions,
): Promise<OpenedImage | null> => sourceOf(ctx, href).open(href, options)

/**
 * A small document, as text.
 * @throws ImageDownloadFailed also when it is longer than `mostBytes`
 */
export async function readSmall(
  ctx: ImageContext,
  href: string,
  mostBytes: number,
  signal: AbortSignal,
): Promise<Buffer> {
  const { stream } = await openImage(ctx, href, { signal })
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of stream) {
    chunks.push(chunk as Buffer)
    size += (chunk as Buffer).length
    if (size > mostBytes) {
      throw new ImageRefValidationFailed(shownHref(href), `It is larger than ${mostBytes} bytes.`)
    }
  }
  return Buffer.concat(chunks)
}
