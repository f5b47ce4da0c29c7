import type { Readable } from 'node:stream'

export interface ByteRange {
  readonly start: number
  /** The last byte, inclusive; to the end unless given. */
  readonly end?: number
}
export interface OpenOptions {
  readonly signal: AbortSignal
  readonly range?: ByteRange
  /** An Authorization header for this image alone, in place of the configured one. */
  readonly authorization?: string
  /** Already known copy: the answer is null when it still is the newest. */
  readonly unless?: Validators
}
/** What tells one version of an image from another. */
export interface Validators {
  readonly etag: string | null
  readonly lastModified: Date | null
}

/** What is known of an image before it is read. */
export interface ImageInfo extends Validators {
  /** Of the whole image, null when the server does not say. */
  readonly size: number | null
  readonly contentType: string | null
  /** After redirects. */
  readonly url: string
  /** `converted`: only what was made of it is worth keeping, it is on this disk itself. */
  readonly keep: 'always' | 'converted' | 'never'
  /** What only Glance knows: format, checksums, properties of the image. */
  readonly glance: Readonly<Record<string, unknown>> | null
}
export interface OpenedImage extends ImageInfo {
  /** Destroy it when it is not read to its end. */
  readonly stream: Readable
  /** The range that was asked for was honoured; else the stream is the whole image. */
  readonly partial: boolean
}

/** A place images come from. */
export interface ImageSource {
  /** @throws ImageRefValidationFailed, ImageNotFound, ImageUnacceptable */
  describe(href: string, signal: AbortSignal): Promise<ImageInfo>
  /** @throws ImageRefValidationFailed, ImageDownloadFailed, ImageNotFound */
  open(href: string, options: OpenOptions): Promise<OpenedImage | null>
}
