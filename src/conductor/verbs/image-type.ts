import type { MutableNode } from '../../drivers/interfaces.js'
import { setInfo } from '../node/internal-info.js'

/** An image in Glance: only Glance could tell what it is. */
export const isGlanceImage = (source: unknown): boolean =>
  typeof source === 'string' && (source.startsWith('glance://') || /^[0-9a-f-]{36}$/i.test(source))

/**
 * Notes whether the image is a whole disk, a partition with its kernel and ramdisk, or a directory
 * (upstream `common/images.py`). An image in Glance is asked about when it is fetched.
 */
export function noteImageType(node: MutableNode): void {
  const info = node.instanceInfo ?? {}
  const source = info['image_source']
  if (typeof source !== 'string' || source === '') return
  const given = info['image_type']
  if (!given && isGlanceImage(source)) return
  if (!given && /^https?:.*\/$/.test(source)) return setInfo(node, { is_source_a_path: true })
  const whole = given ? given !== 'partition' : !info['kernel'] && !info['ramdisk']
  setInfo(node, { is_whole_disk_image: whole })
  node.instanceInfo = { ...info, image_type: whole ? 'whole-disk' : 'partition' }
}
