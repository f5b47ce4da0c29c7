import type { ImageContext } from '../context.js'
import { ImageRefValidationFailed } from '../errors.js'
import { exactHref, readReference, type OciReference } from './reference.js'
import { openRepository, type OciRepository } from './registry.js'
import type { OciCredentials, OciDescriptor, OciManifest } from './types.js'

/** A disk image in a registry, or a container that installs itself (`format` bootc). */
export interface OciImage {
  /** Of the bytes; of a bootable container its reference. */
  readonly url: string
  /** The reference of the very manifest. */
  readonly manifestHref: string
  readonly manifestDigest: string
  /** Digest of the bytes without its algorithm. */
  readonly checksum: string
  readonly size: number
  readonly format: 'raw' | 'qcow2' | 'unknown' | 'bootc'
  readonly fileName: string | null
  readonly mediaType: string | null
  readonly compression: 'zstd' | 'gzip' | null
  /** The Authorization header that opens the URL. */
  readonly authorization: string | null
}

export interface OciWish {
  readonly href: string
  readonly credentials: OciCredentials | null
  /** Of the node; null takes any. */
  readonly architecture: string | null
  /** Best first, by the annotation `disktype`. */
  readonly diskTypes: readonly string[]
}

/** Kinds of disks, by who fetches them: agents stream raw images, conductors convert small ones. */
export const diskTypesFor = (source: 'local' | 'http'): readonly string[] =>
  source === 'local' ? ['qcow2', 'qemu', 'raw', 'applehv'] : ['raw', 'applehv', 'qcow2', 'qemu']

/**
 * Chooses the image a reference stands for (`image_service.OciImageService`).
 * @throws ImageNotFound, ImageNotAuthorized, ImageRefValidationFailed
 */
export async function findOciImage(
  ctx: ImageContext,
  wish: OciWish,
  signal: AbortSignal,
): Promise<OciImage> {
  const reference = readReference(wish.href)
  const repository = await openRepository({ ctx, reference, signal }, wish.credentials)
  const { digest, manifest } = await repository.manifest(reference.target)
  if (manifest.manifests === undefined) {
    return imageOf({ reference, repository }, { digest, manifest, disk: null })
  }
  for (const entry of ranked(manifest.manifests, wish)) {
    const found = await repository.manifest(entry.digest)
    const disk = entry.annotations?.['disktype'] ?? null
    // With a disk type it is a disk, and more layers make it a container.
    if (disk !== null && found.manifest.layers?.length !== 1) continue
    return imageOf({ reference, repository }, { ...found, disk })
  }
  throw new ImageRefValidationFailed(wish.href, 'It has no image for this machine.')
}

const aliases: readonly (readonly string[])[] = [
  ['x86_64', 'amd64'],
  ['aarch64', 'arm64'],
]

/** What fits, the best disk type first, and what says none last. */
function ranked(entries: readonly OciDescriptor[], wish: OciWish): readonly OciDescriptor[] {
  const { architecture, diskTypes } = wish
  const names = aliases.find((all) => all.includes(architecture ?? '')) ?? [architecture]
  const fits = (entry: OciDescriptor) => {
    const own = entry.platform?.architecture
    return architecture === null || own === undefined || own === '' || names.includes(own)
  }
  const rank = (entry: OciDescriptor) => {
    const disk = entry.annotations?.['disktype']
    return disk === undefined ? diskTypes.length : diskTypes.indexOf(disk)
  }
  return entries
    .filter((entry) => fits(entry) && rank(entry) >= 0)
    .toSorted((a, b) => rank(a) - rank(b))
}

interface Place {
  readonly reference: OciReference
  readonly repository: OciRepository
}
interface Chosen {
  readonly digest: string
  readonly manifest: OciManifest
  /** Its annotation; null when it has none. */
  readonly disk: string | null
}

function imageOf(place: Place, { digest, manifest, disk }: Chosen): OciImage {
  const { reference, repository } = place
  const common = {
    manifestHref: exactHref(reference, digest),
    manifestDigest: digest,
    authorization: repository.authorization,
  }
  const layers = manifest.layers ?? []
  if (disk === null && !isArtifact(manifest)) {
    const size = [manifest.config, ...layers].reduce((sum, one) => sum + (one?.size ?? 0), 0)
    return {
      ...common,
      ...{ url: reference.href, checksum: valueOf(digest), size, format: 'bootc' },
      ...{ fileName: null, mediaType: manifest.mediaType ?? null, compression: null },
    }
  }
  const [layer] = layers
  if (layer === undefined || layers.length > 1) {
    throw new ImageRefValidationFailed(reference.href, 'Its artifact is not one file.')
  }
  const fileName = layer.annotations?.['org.opencontainers.image.title'] ?? null
  const mediaType = layer.mediaType ?? null
  return {
    ...common,
    url: repository.blobUrl(layer.digest),
    checksum: valueOf(layer.digest),
    size: layer.size,
    format: disk === null ? 'unknown' : disk === 'raw' || disk === 'applehv' ? 'raw' : 'qcow2',
    fileName,
    mediaType,
    compression: compressionOf(mediaType ?? ''),
  }
}

/** A file, not a container (OCI Image Spec, "Guidelines for Artifact Usage"). */
const isArtifact = ({ artifactType, config }: OciManifest): boolean =>
  (artifactType ?? '') !== '' || config?.mediaType === 'application/vnd.oci.empty.v1+json'

const valueOf = (digest: string): string => digest.slice(digest.indexOf(':') + 1)

function compressionOf(mediaType: string): 'zstd' | 'gzip' | null {
  if (mediaType.endsWith('zstd')) return 'zstd'
  return mediaType.endsWith('gzip') ? 'gzip' : null
}
