/** Images in container registries (`oci://`), as `deploy_utils` and `image_service` treat them. */
import { readFile } from 'node:fs/promises'
import { errorText } from '../../error-text.js'
import type { Config } from '../../config/index.js'
import type { JsonObject } from '../../db/columns.js'
import { InvalidParameterValue } from '../../errors.js'
import { diskTypesFor, findOciImage, type OciImage } from '../../images/oci/artifact.js'
import { readReference } from '../../images/oci/reference.js'
import type { OciCredentials } from '../../images/oci/types.js'
import { mayAuthenticate } from '../../images/sources/permitted-hosts.js'
import { pythonStr } from '../../python/repr.js'
import { isTruthy } from '../driver-info/fields.js'
import { setInfo } from '../internal-info.js'
import type { Task } from '../interfaces.js'

export const isRegistryImage = (source: string): boolean => source.startsWith('oci://')

/**
 * Chooses the image of a reference, and notes which one it was.
 * @param from `http`: the agent fetches it; `local`: the conductor
 * @throws InvalidParameterValue, ImageNotFound, ImageNotAuthorized, ImageRefValidationFailed
 */
export async function chooseRegistryImage(
  task: Task,
  source: string,
  from: string,
): Promise<OciImage> {
  if (from === 'swift') {
    throw new InvalidParameterValue(
      'An image_download_source of swift is incompatible with retrieval of artifacts from an OCI container registry.',
    )
  }
  const { properties } = task.node
  const architecture = isTruthy(properties?.['cpu_arch'])
    ? pythonStr(properties?.['cpu_arch'])
    : null
  const credentials = await credentialsFor(task, readReference(source).host)
  const diskTypes = diskTypesFor(from === 'local' ? 'local' : 'http')
  const wish = { href: source, credentials, architecture, diskTypes }
  const image = await findOciImage(task.ctx, wish, task.signal)
  setInfo(task.node, { image_source: image.manifestHref, container_image_type: 'oci_artifact' })
  return image
}

/** What `instance_info` says of it; the agent opens the URL with the secret. */
export const registryFacts = (image: OciImage): JsonObject => ({
  image_url: image.url,
  image_size: image.size,
  image_filename: image.fileName,
  image_checksum: image.checksum,
  image_container_manifest_digest: image.manifestDigest,
  image_media_type: image.mediaType,
  image_compression_type: image.compression,
  image_disk_format: image.format,
  image_request_authorization_secret: image.authorization,
  oci_image_manifest_url: image.manifestHref,
})

/** Of the instance, else of the node, else of the configuration; null asks as nobody. */
async function credentialsFor({ node, ctx }: Task, host: string): Promise<OciCredentials | null> {
  const own = [node.instanceInfo, node.driverInfo]
    .map((place) => place?.['image_pull_secret'])
    .find(isTruthy)
  if (own !== undefined) return splitSecret(pythonStr(own))
  const { image_server_user: user, image_server_password: password } = ctx.config.deploy
  const href = pythonStr(node.instanceInfo?.['image_source'])
  if (user && password && mayAuthenticate(ctx.config.deploy, href)) return { user, password }
  const found = await configured(ctx.config, host)
  return found === null ? null : { user: '', password: found }
}

/** `user:password`, or a token alone. */
function splitSecret(secret: string): OciCredentials {
  const at = secret.indexOf(':')
  return at < 0
    ? { user: '', password: secret }
    : { user: secret.slice(0, at), password: secret.slice(at + 1) }
}

async function configured({ oci }: Config, host: string): Promise<string | null> {
  const { authentication_config: path } = oci
  if (path === null) return null
  try {
    const file = JSON.parse(await readFile(path, 'utf8')) as {
      auths?: Record<string, { auth?: unknown } | undefined>
    }
    const auth = file.auths?.[host]?.auth
    return typeof auth === 'string' ? auth : null
  } catch (error) {
    const why = errorText(error)
    throw new InvalidParameterValue(`[oci] authentication_config cannot be read: ${why}`)
  }
}
