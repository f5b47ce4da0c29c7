/** What the agent is told of an instance's image (`deploy_utils.build_instance_info_for_deploy`). */
import { dirname, join } from 'node:path'
import { copyFile, link, mkdir, rm } from 'node:fs/promises'
import type { JsonObject } from '../../db/columns.js'
import { InvalidParameterValue, MissingParameterValue } from '../../errors.js'
import { imageCache, type CachedImage } from '../../images/cache/cache.js'
import { checksumOf, hashFile } from '../../images/checksum.js'
import { describeImage } from '../../images/open.js'
import { pythonStr } from '../../python/repr.js'
import { isTruthy } from '../driver-info/fields.js'
import { isGlanceImage } from '../driver-info/image.js'
import { partitionLayout } from '../driver-info/layout.js'
import { infoOf, setInfo } from '../internal-info.js'
import { archiveExtension, archiveExtensions, archiveOf } from './archive.js'
import { chooseRegistryImage, isRegistryImage, registryFacts } from './registry-image.js'
import type { Task } from '../interfaces.js'
import { swiftUrl } from './swift-image.js'

/** Where the agent gets the image from: `http`, `local` or `swift`. */
const downloadSource = ({ node, ctx }: Task): string =>
  pythonStr(
    node.instanceInfo?.['image_download_source'] ||
      node.driverInfo?.['image_download_source'] ||
      ctx.config.agent.image_download_source,
  )

/**
 * Puts into `instance_info` where the agent finds the image, what it is and how the disk is laid
 * out.
 * @throws InvalidParameterValue, MissingParameterValue, and what fetching the image throws
 */
export async function noteInstanceImage(task: Task): Promise<void> {
  const { node } = task
  const source = pythonStr(node.instanceInfo?.['image_source'])
  const found = await locate(task, source)
  node.instanceInfo = { ...node.instanceInfo, ...found }
  node.instanceInfo = { ...node.instanceInfo, ...layoutOf(task) }
  await task.save()
}

async function locate(task: Task, source: string): Promise<JsonObject> {
  if (infoOf(task.node)['is_source_a_path'] === true) return await follow(task, source)
  if (isGlanceImage(source)) return await fromGlance(task, source)
  if (isRegistryImage(source)) return await fromRegistry(task, source)
  if (source.startsWith('file://') || downloadSource(task) === 'local') {
    return await serve(task, source, task.node.instanceInfo ?? {})
  }
  return await follow(task, source)
}

/** Where redirects of the reference end. */
async function follow(task: Task, source: string): Promise<JsonObject> {
  const { url } = await describeImage(task.ctx, source, task.signal)
  return url === source ? { image_url: source } : { image_url: url, image_source: url }
}

/**
 * What Glance says of an image. Agents cannot log in to Glance: the file is served from here, or by
 * Swift.
 */
async function fromGlance(task: Task, source: string): Promise<JsonObject> {
  const { glance } = await describeImage(task.ctx, source, task.signal)
  const about: JsonObject = { ...glance }
  noteImageType(task, about)
  requireMemory(task, about)
  const said: JsonObject = {
    image_checksum: about['checksum'] ?? null,
    image_os_hash_algo: about['os_hash_algo'] ?? null,
    image_os_hash_value: about['os_hash_value'] ?? null,
    image_disk_format: about['disk_format'] ?? null,
  }
  const place =
    downloadSource(task) === 'swift'
      ? { image_url: swiftUrl(task, pythonStr(about['id'])) }
      : await serve(task, source, { ...task.node.instanceInfo, ...said, ...archiveOf(about) })
  return {
    ...said,
    ...place,
    image_container_format: about['container_format'] ?? null,
    image_tags: about['tags'] ?? [],
  }
}

/** The image a registry has for this machine. */
async function fromRegistry(task: Task, source: string): Promise<JsonObject> {
  const from = downloadSource(task)
  const image = await chooseRegistryImage(task, source, from)
  const facts = registryFacts(image)
  const known = image.format === 'unknown' ? null : image.format
  requireMemory(task, { size: image.size, disk_format: known })
  if (from !== 'local' || image.format === 'bootc') return facts
  const { authorization } = image
  const asked = { ...facts, image_disk_format: known, image_os_hash_algo: null }
  return { ...facts, ...(await serve(task, image.url, asked, authorization)) }
}

/** Only Glance knows whether it is an image of a partition (`images.is_whole_disk_image`). */
function noteImageType({ node }: Task, image: JsonObject): void {
  if (infoOf(node)['is_whole_disk_image'] !== undefined) return
  const { img_type: type, kernel_id: kernel, ramdisk_id: ramdisk } = image
  const whole = isTruthy(type) ? type !== 'partition' : !(isTruthy(kernel) && isTruthy(ramdisk))
  setInfo(node, { is_whole_disk_image: whole })
}

/** Anaconda unpacks archives and file systems; there is no disk image to convert. */
const installs = (task: Task): boolean => task.driver.deploy.name === 'anaconda'

const convertsToRaw = (task: Task): boolean =>
  task.ctx.config.DEFAULT.force_raw_images &&
  task.ctx.config.agent.stream_raw_images &&
  !installs(task)

/** An agent that cannot stream an image keeps it in memory (`deploy_utils.check_image_size`). */
function requireMemory(task: Task, image: JsonObject): void {
  const { agent } = task.ctx.config
  const memory = task.node.properties?.['memory_mb']
  if (memory === undefined || convertsToRaw(task) || installs(task)) return
  if (agent.stream_raw_images && image['disk_format'] === 'raw') return
  const mib = 1024 * 1024
  const size = Number(image['size'])
  const reserved = agent.memory_consumed_by_agent
  if (!(size + reserved * mib > Number(memory) * mib)) return
  throw new InvalidParameterValue(
    `Memory size is too small for requested image, if it is less than (image size + reserved RAM size), will break the IPA deployments. Image size: ${Math.trunc(size / mib)} MiB, Memory size: ${Number(memory)} MiB, Reserved size: ${reserved} MiB.`,
  )
}

/**
 * Fetches the image, makes it raw where agents are to stream it, and puts it up for the agent.
 * @param info checksums and format as `instance_info` holds them
 * @param authorization a header that opens the image at its server
 */
async function serve(
  task: Task,
  source: string,
  info: JsonObject,
  authorization: string | null = null,
): Promise<JsonObject> {
  const { ctx, signal } = task
  const extension = installs(task) ? archiveExtension(source, info) : ''
  const url = publicUrl(task) + extension
  const raw = convertsToRaw(task)
  const checksum = await checksumOf(ctx, info, signal)
  const format = isTruthy(info['image_disk_format']) ? pythonStr(info['image_disk_format']) : null
  const wanted = { signal, checksum, raw, format, authorization }
  const image = await imageCache(ctx).fetch(source, wanted)
  try {
    const facts = await factsOf(image, info, raw, signal)
    await publish(image, publicPath(task) + extension)
    return { ...facts, image_url: url }
  } finally {
    await image.release()
  }
}

/** Format and checksums of what is served; a converted image has others than its source. */
async function factsOf(
  image: CachedImage,
  info: JsonObject,
  raw: boolean,
  signal: AbortSignal,
): Promise<JsonObject> {
  // A raw image with a partition table is raw, for agents.
  const fetched = image.format === 'gpt' ? 'raw' : image.format
  const format = raw ? 'raw' : (fetched ?? info['image_disk_format'] ?? null)
  const same = fetched === format
  const known = isTruthy(info['image_checksum']) || isTruthy(info['image_os_hash_value'])
  if (same && known) return { image_disk_format: format }
  const named = pythonStr(info['image_os_hash_algo'] ?? 'md5')
  const algorithm = named === 'md5' ? 'sha256' : named
  return {
    image_disk_format: format,
    image_checksum: null,
    image_os_hash_algo: algorithm,
    image_os_hash_value: await hashFile(image.path, algorithm, signal),
  }
}

/** @throws MissingParameterValue when nobody serves files to machines */
function publicUrl({ ctx, node }: Task): string {
  const { http_url: url, http_image_subdir: directory } = ctx.config.deploy
  if (url) return `${url.replace(/\/+$/, '')}/${directory}/${node.uuid}`
  throw new MissingParameterValue(
    `Node ${node.uuid} failed to validate http provisioning. Some configuration options were missing. Missing are: ['[deploy]http_url']`,
  )
}

const publicPath = ({ ctx, node }: Task): string =>
  join(ctx.config.deploy.http_root, ctx.config.deploy.http_image_subdir, node.uuid)

/** A link where the file systems allow one, else a copy. */
async function publish(image: CachedImage, path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await rm(path, { force: true })
  try {
    await link(image.path, path)
  } catch {
    await copyFile(image.path, path)
  }
}

function layoutOf(task: Task): JsonObject {
  const info = infoOf(task.node)
  if (info['is_source_a_path']) return partitionLayout(task, { image: false })
  if (info['is_whole_disk_image']) return { image_type: 'whole-disk' }
  return { image_type: 'partition', ...partitionLayout(task, { image: true }) }
}

/** Takes away what was put up for the agent: it has the image now, or never will. */
export async function forgetInstanceImage(task: Task): Promise<void> {
  for (const extension of ['', ...archiveExtensions]) {
    await rm(publicPath(task) + extension, { force: true })
  }
}
