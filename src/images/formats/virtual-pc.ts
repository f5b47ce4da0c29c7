import type { ByteReader, Detector } from './types.js'

/** Microsoft's older format (Virtual Hard Disk Image Format Specification 1.0). */
export const vhd: Detector = async (head) => {
  await Promise.resolve()
  if (head.subarray(0, 8).toString('latin1') !== 'conectix') return null
  if (head.length < 512) return { format: 'vhd', virtualSize: null, violations: ['Truncated'] }
  // A differencing disk reads its parent from the host.
  const violations = head.readUInt32BE(60) === 4 ? ['Image has a parent'] : []
  return { format: 'vhd', virtualSize: Number(head.readBigUInt64BE(48)), violations }
}

const metadataRegion = '8b7ca206-4790-4b9a-b8fe-575f050f886e'
const sizeItem = '2fa54224-cd1b-4876-b211-5dbed83bf4b8'
const parentItem = 'a8d35f2d-b30b-454d-abf7-d3d84834ab0c'

/** Microsoft's newer format (MS-VHDX): the size is in the metadata region the table names. */
export const vhdx: Detector = async (head, image) => {
  if (head.subarray(0, 8).toString('latin1') !== 'vhdxfile') return null
  const items = await metadata(image)
  const size = items.get(sizeItem)
  const violations = items.has(parentItem) ? ['Image has a parent'] : []
  if (size === undefined || size.length < 8) violations.push('Image has no virtual size')
  const virtualSize = size && size.length >= 8 ? Number(size.readBigUInt64LE(0)) : null
  return { format: 'vhdx', virtualSize, violations }
}

async function metadata(image: ByteReader): Promise<Map<string, Buffer>> {
  const regions = await image.read(0x30000, 65536)
  const found = new Map<string, Buffer>()
  if (regions.subarray(0, 4).toString('latin1') !== 'regi') return found
  const region = entries(regions, 16, regions.readUInt32LE(8)).find(
    (entry) => guid(entry) === metadataRegion,
  )
  if (region === undefined) return found
  const base = Number(region.readBigUInt64LE(16))
  const table = await image.read(base, 65536)
  if (table.subarray(0, 8).toString('latin1') !== 'metadata') return found
  for (const entry of entries(table, 32, table.readUInt16LE(10))) {
    const at = base + entry.readUInt32LE(16)
    found.set(guid(entry), await image.read(at, Math.min(entry.readUInt32LE(20), 4096)))
  }
  return found
}

/** Both tables have entries of 32 bytes, at most 2047 of them. */
const entries = (table: Buffer, at: number, count: number): Buffer[] =>
  Array.from({ length: Math.min(count, 2047) }, (_, n) =>
    table.subarray(at + n * 32, at + (n + 1) * 32),
  ).filter((entry) => entry.length === 32)

/** Mixed byte order, as Windows keeps them. */
function guid(entry: Buffer): string {
  const le = (from: number, to: number) =>
    Buffer.from(entry.subarray(from, to)).reverse().toString('hex')
  const be = (from: number, to: number) => entry.subarray(from, to).toString('hex')
  return [le(0, 4), le(4, 6), le(6, 8), be(8, 10), be(10, 16)].join('-')
}
