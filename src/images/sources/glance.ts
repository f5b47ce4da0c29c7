/** Images of Glance, by id or `glance://ID` (`glance_service/image_service.py`). */
import {
  createGlanceClient,
  GlanceError,
  type GlanceClient,
  type GlanceImage,
} from '../../openstack/glance/client.js'
import { openstackService } from '../../openstack/keystone/service.js'
import { service } from '../../services.js'
import {
  ImageDownloadFailed,
  ImageNotAuthorized,
  ImageNotFound,
  ImageRefValidationFailed,
  ImageUnacceptable,
} from '../errors.js'
import type { ImageContext } from '../context.js'
import { glanceId } from '../href.js'
import { imageStream, reasonOf } from './http.js'
import type { ImageInfo, ImageSource } from './types.js'

/** The client of this process, which holds the token. */
const glanceClient = service({ name: 'Glance client', create: createClient })

export const glanceSource = (ctx: ImageContext): ImageSource => ({
  describe: async (href, signal) => infoOf(await show(ctx, href, signal)),
  async open(href, { signal, range, unless }) {
    const id = glanceId(href)
    const info = infoOf(await show(ctx, href, signal))
    // An image of Glance never changes: its id is its version.
    if (unless && unless.etag === info.etag) return null
    const bytes = range === undefined ? undefined : `bytes=${range.start}-${range.end ?? ''}`
    const data = await translated(id, signal, () => glanceClient(ctx).download(id, signal, bytes))
    const stream = imageStream(ctx, data.stream, { id, signal })
    return { ...info, stream, partial: data.status === 206 && range !== undefined }
  },
})

async function show(ctx: ImageContext, href: string, signal: AbortSignal): Promise<GlanceImage> {
  const id = glanceId(href)
  const image = await translated(id, signal, () => glanceClient(ctx).show(id, signal))
  if (image.status === 'active') return image
  throw ImageUnacceptable.because(id, 'The image is required to be in an active state.')
}

const infoOf = (image: GlanceImage): ImageInfo => ({
  size: image.size,
  etag: image.os_hash_value ?? image.checksum ?? image.id,
  lastModified: image.updated_at === undefined ? null : new Date(image.updated_at),
  contentType: null,
  url: `glance://${image.id}`,
  keep: 'always',
  glance: image,
})

async function translated<T>(id: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof GlanceError)) throw new ImageDownloadFailed(id, reasonOf(error), error)
    if (error.status === 404) throw new ImageNotFound(id)
    if (error.status === 401 || error.status === 403) throw new ImageNotAuthorized(id)
    throw new ImageDownloadFailed(id, error.message, error)
  }
}

function createClient({ config, clock }: ImageContext): GlanceClient {
  const { glance } = config
  const idleTimeoutMs = config.DEFAULT.webserver_connection_timeout * 1000
  const keystone = openstackService(glance, { clock, timeoutMs: idleTimeoutMs })
  return createGlanceClient({
    ...keystone,
    endpoint: async (signal) => (await keystone.endpoint(signal)) ?? missing(),
    idleTimeoutMs,
    get retries() {
      return glance.num_retries
    },
  })
}

function missing(): never {
  throw new ImageRefValidationFailed(
    'of Glance',
    'no endpoint is known: set [glance] auth_url with credentials, or endpoint_override.',
  )
}
