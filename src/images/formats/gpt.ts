import type { Detector } from './types.js'

const tableAt = 446
const protective = 0xee

/**
 * A disk with a partition table: GPT behind its protective MBR (UEFI 2.10, 5.2.3), or a plain MBR.
 * A FAT file system begins alike, and is none.
 */
export const gpt: Detector = async (head, image) => {
  await Promise.resolve()
  if (head.length < 512 || head.readUInt16LE(510) !== 0xaa55) return null
  const fat = head[0x10] === 2 && head[0x15] === 0xf8
  if (fat) return null
  return { format: 'gpt', virtualSize: image.size, violations: faultsOf(head) }
}

function faultsOf(head: Buffer): string[] {
  const entries = [0, 1, 2, 3].map((n) => head.subarray(tableAt + n * 16, tableAt + (n + 1) * 16))
  const used = entries.flatMap((entry, n) => (entry[4] === 0 ? [] : [n]))
  const flags = entries.findIndex((entry) => entry[0] !== 0 && entry[0] !== 0x80)
  if (flags >= 0) return [`MBR PTE ${flags} has invalid boot flag`]
  if (used.length === 0) return ['GPT MBR has no partitions defined']
  const guard = entries.find((entry) => entry[4] === protective)
  if (guard === undefined) return []
  if (!guard.subarray(1, 4).equals(Buffer.from([0, 2, 0]))) {
    return ['GPT MBR has invalid start CHS']
  }
  if (guard.readUInt32LE(8) !== 1) return ['GPT MBR has invalid start LBA']
  return used.join() === '0' ? [] : ['GPT MBR defines invalid extra partitions']
}
