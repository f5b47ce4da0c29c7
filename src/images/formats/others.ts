import type { Detector } from './types.js'

/** VirtualBox's format (its `VDICore.h`): the signature stands behind a line of text. */
export const vdi: Detector = async (head) => {
  await Promise.resolve()
  if (head.length < 512 || head.readUInt32LE(64) !== 0xbeda107f) return null
  // Kind 4 is a difference to another image.
  const violations = head.readUInt32LE(76) === 4 ? ['Image has a parent'] : []
  return { format: 'vdi', virtualSize: Number(head.readBigUInt64LE(368)), violations }
}

/** QEMU's abandoned format, never allowed. */
export const qed: Detector = async (head) => {
  await Promise.resolve()
  if (head.subarray(0, 4).toString('latin1') !== 'QED\0') return null
  return { format: 'qed', virtualSize: null, violations: ['This file format is not allowed'] }
}

/** An encrypted volume (LUKS on-disk format 1.2); what is inside cannot be looked at. */
export const luks: Detector = async (head, image) => {
  await Promise.resolve()
  if (!head.subarray(0, 6).equals(Buffer.from('LUKS\xba\xbe', 'latin1'))) return null
  const version = head.length < 208 ? 0 : head.readUInt16BE(6)
  if (version !== 1) {
    const violations = [`LUKS version ${version} is not supported`]
    return { format: 'luks', virtualSize: null, violations }
  }
  const virtualSize = Math.max(0, image.size - head.readUInt32BE(104) * 512)
  return { format: 'luks', virtualSize, violations: [] }
}
