import { ImageRefValidationFailed } from '../errors.js'

/** `oci://HOST[:PORT]/NAME[:TAG]` or `…@ALGORITHM:DIGEST`. */
export interface OciReference {
  readonly host: string
  /** Name of the repository. */
  readonly name: string
  /** What is asked for: a tag or a digest. */
  readonly target: string
  /** It is a digest: there is nothing to choose. */
  readonly exact: boolean
  readonly href: string
}

const lengths: Readonly<Record<string, number>> = { sha256: 64, sha512: 128 }
const form = /^oci:\/\/([^/@]+)\/([a-z0-9._/-]+?)(?::([\w.-]{1,128})|@([\w+.-]+):([0-9a-fA-F]+))?$/

/** @throws ImageRefValidationFailed */
export function readReference(href: string): OciReference {
  const [, host, name, tag, algorithm, digest] = form.exec(href) ?? []
  if (host === undefined || name === undefined) {
    throw new ImageRefValidationFailed(href, 'It is not oci://HOST/NAME:TAG or @DIGEST.')
  }
  if (algorithm === undefined || digest === undefined) {
    return { host, name, target: tag ?? 'latest', exact: false, href }
  }
  const length = lengths[algorithm.toLowerCase()]
  if (length === undefined) {
    throw new ImageRefValidationFailed(href, `Digests of ${algorithm} are not known.`)
  }
  if (digest.length !== length) {
    throw new ImageRefValidationFailed(
      href,
      'Manifest digest length incorrect and does not match the expected length of the algorithm.',
    )
  }
  const target = `${algorithm}:${digest}`.toLowerCase()
  return { host, name, target, exact: true, href }
}

/** The reference of a manifest by its digest. */
export const exactHref = ({ host, name }: OciReference, digest: string): string =>
  `oci://${host}/${name}@${digest}`
