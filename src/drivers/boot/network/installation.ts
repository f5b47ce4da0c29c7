/** What Anaconda installs, from where (`pxe_utils.get_instance_image_info`, boot option kickstart). */
import { errorText } from '../../../error-text.js'
import type { JsonObject } from '../../../db/columns.js'
import { InvalidParameterValue, MissingParameterValue } from '../../../errors.js'
import { describeImage } from '../../../images/open.js'
import { pythonStr } from '../../../python/repr.js'
import { isTruthy, requireParams } from '../../driver-info/fields.js'
import { isGlanceImage } from '../../driver-info/image.js'
import type { Task } from '../../interfaces.js'
import { glanceProperties } from './images.js'

export interface Installation {
  readonly kernel: string
  readonly ramdisk: string
  /** The installer itself; null where the repository has it. */
  readonly stage2: string | null
  /** Reference of the kickstart template; null: the default one. */
  readonly template: string | null
  /** The image is no archive but a repository of packages. */
  readonly repository: boolean
}

/**
 * Reads `instance_info`, and the image's properties where it is in Glance.
 * @throws MissingParameterValue, InvalidParameterValue, what the image service throws
 */
export async function installationOf(task: Task): Promise<Installation> {
  const info = task.node.instanceInfo ?? {}
  const source = info['image_source']
  const text = `Cannot validate image information for node ${task.node.uuid} because one or more parameters are missing from its instance_info and insufficient information is present to boot from a remote volume`
  requireParams({ image_source: source }, text)
  const href = pythonStr(source)
  if (isGlanceImage(href)) return await fromGlance(task, info, href)
  requireParams({ kernel: info['kernel'], ramdisk: info['ramdisk'] }, text)
  const repository = await isRepository(task, href)
  if (!repository && !isTruthy(info['stage2'])) throw withoutStage2(href)
  return {
    kernel: pythonStr(info['kernel']),
    ramdisk: pythonStr(info['ramdisk']),
    stage2: repository ? null : pythonStr(info['stage2']),
    template: reference(info['ks_template']),
    repository,
  }
}

const reference = (value: unknown): string | null => (isTruthy(value) ? pythonStr(value) : null)

const withoutStage2 = (image: string) =>
  new MissingParameterValue(
    `'stage2_id' is missing from the properties of the OS image ${image}. The anaconda deploy interface requires this to be set with the OS image or in instance_info['stage2']. `,
  )

/** Kernel and ramdisk of the instance count only together, as upstream has it. */
async function fromGlance(task: Task, info: JsonObject, image: string): Promise<Installation> {
  const of = await glanceProperties(task, image)
  const own = isTruthy(info['kernel']) && isTruthy(info['ramdisk'])
  const found = {
    kernel_id: own ? info['kernel'] : of('kernel_id'),
    ramdisk_id: own ? info['ramdisk'] : of('ramdisk_id'),
    stage2_id: isTruthy(info['stage2']) ? info['stage2'] : of('stage2_id'),
  }
  const missing = Object.entries(found).filter(([, value]) => !isTruthy(value))
  if (missing.length > 0) {
    throw new MissingParameterValue(
      `Image ${image} is missing the following properties: ${missing.map(([key]) => key).join(', ')}`,
    )
  }
  return {
    kernel: pythonStr(found.kernel_id),
    ramdisk: pythonStr(found.ramdisk_id),
    stage2: pythonStr(found.stage2_id),
    template: reference(info['ks_template']) ?? reference(of('ks_template')),
    repository: false,
  }
}

/**
 * Whether a URL leads to a directory (`images.is_source_a_path`). Where a second stage is given the
 * server is not asked.
 */
async function isRepository(task: Task, href: string): Promise<boolean> {
  if (!/^https?:/i.test(href)) return false
  if (href.endsWith('/')) return true
  if (isTruthy(task.node.instanceInfo?.['stage2'])) return false
  try {
    const { url, contentType } = await describeImage(task.ctx, href, task.signal)
    return url.endsWith('/') || contentType?.startsWith('text/html') === true
  } catch (cause) {
    task.signal.throwIfAborted()
    throw new InvalidParameterValue(errorText(cause), cause)
  }
}
