import type { Detector } from './types.js'

/** ISO 9660 (ECMA-119, 8.4) and UDF (ECMA-167, part 3): signatures in the sector after 32 KiB. */
export const iso: Detector = async (head) => {
  await Promise.resolve()
  const volume = head.subarray(32768, 32768 + 2048)
  const signature = volume.subarray(1, 6).toString('latin1')
  if (!['CD001', 'NSR02', 'NSR03'].includes(signature)) return null
  const primary = signature === 'CD001' && volume[0] === 1 && volume.length >= 132
  const size = primary ? volume.readUInt32LE(80) * volume.readUInt16LE(128) : null
  return { format: 'iso', virtualSize: size, violations: [] }
}
