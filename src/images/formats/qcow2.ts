import type { Detector } from './types.js'

const magic = Buffer.from('QFI\xfb', 'latin1')
/**
 * Incompatible features that are accepted: dirty, corrupt, compression type. Upstream's inspector
 * refuses extended L2 entries (bit 4), and so would the agent that writes the image.
 */
const knownFeatures = 0b01011n
const dataFileFeature = 0b100n

/**
 * QEMU's format (docs/interop/qcow2.txt). A backing file or a data file would make the host read
 * files of its own into the image (CVE-2024-32498).
 */
export const qcow2: Detector = async (head) => {
  await Promise.resolve()
  if (!head.subarray(0, 4).equals(magic)) return null
  if (head.length < 104) return { format: 'qcow2', virtualSize: null, violations: ['Truncated'] }
  const version = head.readUInt32BE(4)
  const violations: string[] = []
  if (head.readBigUInt64BE(8) !== 0n) violations.push('Image has a backing file')
  if (version !== 2 && version !== 3) violations.push('Unsupported qcow2 version')
  if (version === 3) {
    const features = head.readBigUInt64BE(72)
    if ((features & dataFileFeature) !== 0n) violations.push('Image has data_file set')
    if ((features & ~(knownFeatures | dataFileFeature)) !== 0n) {
      violations.push('Unknown QCOW2 features found')
    }
  }
  return { format: 'qcow2', virtualSize: Number(head.readBigUInt64BE(24)), violations }
}
