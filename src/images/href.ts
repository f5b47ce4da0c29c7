import { ImageRefValidationFailed } from './errors.js'
import { isUuidLike } from '../identifiers.js'

export type ImageScheme = 'http' | 'https' | 'file' | 'glance' | 'oci' | 'nfs' | 'cifs' | 'smb'

const schemes: readonly string[] = ['http', 'https', 'file', 'glance', 'oci', 'nfs', 'cifs', 'smb']

/**
 * Which service an image reference names (`image_service.get_image_service`).
 * @throws ImageRefValidationFailed
 */
export function schemeOf(href: string): ImageScheme {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(href)?.[1]?.toLowerCase()
  if (scheme === undefined) {
    if (isUuidLike(href)) return 'glance'
    throw new ImageRefValidationFailed(shownHref(href), 'Scheme-less image href is not a UUID.')
  }
  if (!schemes.includes(scheme)) {
    throw new ImageRefValidationFailed(
      shownHref(href),
      `Image download protocol ${scheme} is not supported.`,
    )
  }
  return scheme as ImageScheme
}

/** The image's id in Glance: of `glance://ID`, or the reference itself. */
export const glanceId = (href: string): string =>
  href.replace(/^glance:\/\//i, '').replace(/^\/+|\/+$/g, '')

const secretParameter = /(sig|token|secret|password|credential|key)/i

/** A reference as it may be logged and shown: without passwords and signatures. */
export function shownHref(href: string): string {
  if (!URL.canParse(href)) return href.replace(/\/\/[^/@]*@/, '//')
  const url = new URL(href)
  if (url.username === '' && url.password === '' && url.search === '') return href
  url.username = ''
  url.password = ''
  for (const name of new Set(url.searchParams.keys())) {
    if (secretParameter.test(name)) url.searchParams.set(name, '***')
  }
  return url.href
}
