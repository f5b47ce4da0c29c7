import type { ByteReader, Detector } from './types.js'

const sector = 512
const longestDescriptor = 1024 * 1024
const atEnd = 0xffffffffffffffffn
const types = ['monolithicsparse', 'streamoptimized']

/**
 * VMware's format, of the kinds that are one file (VMware Virtual Disk Format 1.1). Others name
 * extents in further files, which would be read from the host (CVE-2015-5162 and its kind).
 */
export const vmdk: Detector = async (head, image) => {
  if (head.subarray(0, 4).toString('latin1') === 'KDMV' && head.length >= sector) {
    return sparse(head, image)
  }
  const text = printable(head.subarray(0, 4096))
  if (text === null || createType(text) === null) return null
  return { format: 'vmdk', virtualSize: null, violations: ['Unsupported subformat'] }
}

async function sparse(head: Buffer, image: ByteReader) {
  const violations: string[] = []
  const offset = Number(head.readBigUInt64LE(28)) * sector
  const length = Math.min(Number(head.readBigUInt64LE(36)) * sector, longestDescriptor)
  if (![1, 2, 3].includes(head.readUInt32LE(4))) violations.push('Unsupported format version')
  if (offset !== sector) violations.push('Wrong descriptor location')
  else violations.push(...descriptorFaults(await image.read(offset, length)))
  if (head.readBigUInt64LE(56) === atEnd) violations.push(...(await footerFaults(head, image)))
  const virtualSize = Number(head.readBigUInt64LE(12)) * sector
  return { format: 'vmdk' as const, virtualSize, violations }
}

function descriptorFaults(bytes: Buffer): string[] {
  const end = bytes.indexOf(0)
  const text = printable(end < 0 ? bytes : bytes.subarray(0, end))
  if (text === null || text === '') return ['No descriptor found']
  if (!types.includes(createType(text) ?? '')) return ['Unsupported subformat']
  const lines = text
    .toLowerCase()
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
  const extents = lines.filter((line) => /^(rw|rdonly|noaccess) /.test(line))
  const strange = lines.some((line) => !extents.includes(line) && !/^(ddb|[^ =]+ ?=)/.test(line))
  if (strange) return ['Invalid VMDK descriptor data']
  if (extents.length === 0) return ['No extents found']
  return extents.some((line) => line.includes('/')) ? ['Invalid extent filenames found'] : []
}

/** The footer of a stream stands for the header, so it may say nothing else. */
async function footerFaults(head: Buffer, image: ByteReader): Promise<string[]> {
  const tail = await image.read(Math.max(0, image.size - 3 * sector), 3 * sector)
  if (tail.length < 3 * sector) return ['Footer marker is invalid']
  const at = (n: number) => tail.subarray(n * sector, (n + 1) * sector)
  const [marker, footer, end] = [at(0), at(1), at(2)]
  const same =
    footer.subarray(0, 8).equals(head.subarray(0, 8)) &&
    footer.subarray(28, 44).equals(head.subarray(28, 44))
  if (!same) return ['Header and footer do not match']
  if (footer.readBigUInt64LE(56) === atEnd) return ['Footer indicates another footer']
  const empty = marker.subarray(16).every((byte) => byte === 0)
  if (marker.readUInt32LE(8) !== 0 || marker.readUInt32LE(12) !== 3 || !empty) {
    return ['Footer marker is invalid']
  }
  return end.every((byte) => byte === 0) ? [] : ['End-of-stream marker is invalid']
}

const createType = (text: string): string | null =>
  /createtype="([^"]{0,63})"/i.exec(text)?.[1]?.toLowerCase() ?? null

function printable(bytes: Buffer): string | null {
  const text = bytes.toString('latin1').replace(/\0+$/, '')
  return /^[\s\x20-\x7e]*$/.test(text) ? text : null
}
