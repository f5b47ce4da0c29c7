import { imageCache } from '../../../images/cache/cache.js'
import { describeImage } from '../../../images/open.js'
import { MissingParameterValue } from '../../../errors.js'
import { pythonStr } from '../../../python/repr.js'
import { isTruthy } from '../../driver-info/fields.js'
import { agentKernelRamdisk, requireRamdisk } from '../../driver-info/ramdisk.js'
import type { RamdiskMode } from '../../driver-info/ramdisk.js'
import type { Task } from '../../interfaces.js'

export type Images = Readonly<Record<string, string>>

/** The agent's kernel and ramdisk. @throws MissingParameterValue */
export function ramdiskImages(task: Task, mode: RamdiskMode): Images {
  requireRamdisk(task, mode)
  const { kernel, ramdisk } = agentKernelRamdisk(task, mode)
  if (kernel === null || ramdisk === null) return {}
  return { [`${mode}_kernel`]: kernel, [`${mode}_ramdisk`]: ramdisk }
}

/**
 * What an instance boots over the network: its ISO, its kernel and ramdisk, or those its image in
 * Glance names, which are kept with the instance.
 * @throws MissingParameterValue, what the image service throws
 */
export async function instanceImages(task: Task): Promise<Images> {
  const { node } = task
  const info = node.instanceInfo ?? {}
  if (isTruthy(info['boot_iso'])) return { boot_iso: pythonStr(info['boot_iso']) }
  if (!isTruthy(info['kernel']) || !isTruthy(info['ramdisk'])) {
    const { kernel, ramdisk } = await glanceImages(task, pythonStr(info['image_source']))
    node.instanceInfo = { ...info, kernel, ramdisk }
    await task.save()
    return { kernel, ramdisk }
  }
  return { kernel: pythonStr(info['kernel']), ramdisk: pythonStr(info['ramdisk']) }
}

/** What an image in Glance says of itself, by name. */
export async function glanceProperties(
  task: Task,
  source: string,
): Promise<(key: string) => unknown> {
  const { glance } = await describeImage(task.ctx, source, task.signal)
  const properties = glance?.['properties'] as Readonly<Record<string, unknown>> | undefined
  return (key) => properties?.[key] ?? glance?.[key]
}

async function glanceImages(task: Task, source: string) {
  const of = await glanceProperties(task, source)
  const missing = ['kernel_id', 'ramdisk_id'].filter((key) => !isTruthy(of(key)))
  if (missing.length > 0) {
    throw new MissingParameterValue(
      `Image ${source} is missing the following properties: ${missing.join(', ')}`,
    )
  }
  return { kernel: pythonStr(of('kernel_id')), ramdisk: pythonStr(of('ramdisk_id')) }
}

/**
 * Fetches images before the machine asks for them, so that one that cannot be had fails the
 * deployment here, with its reason.
 * @throws what the image cache throws
 */
export async function fetchImages(task: Task, images: Images): Promise<void> {
  for (const href of Object.values(images)) {
    const { signal } = task
    const cached = await imageCache(task.ctx).fetch(href, { signal, inspect: false })
    await cached.release()
  }
}
