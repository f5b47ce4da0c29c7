/** The partition table of a PC (four entries at 446, each of 16 bytes). */
import { randomBytes } from 'node:crypto'
import type { BlockDevice } from './device.js'
import type { Partition, PartitionUse } from './layout.js'

const types: Readonly<Record<PartitionUse, number>> = {
  efi: 0xef,
  ephemeral: 0x83,
  swap: 0x82,
  configdrive: 0x83,
  root: 0x83,
}
export const mbrSize = 512
const tableAt = 446
const noChs = [0xfe, 0xff, 0xff]

/** @returns the identifier of the disk, as boot loaders look for it */
export async function writeMbr(
  device: BlockDevice,
  partitions: readonly Partition[],
): Promise<string> {
  const block = Buffer.alloc(device.blockSize)
  randomBytes(4).copy(block, 440)
  partitions.forEach((one, n) => entryOf(one, device.blockSize).copy(block, tableAt + n * 16))
  block.writeUInt16LE(0xaa55, 510)
  await device.write(0, block)
  return identifierOf(block)
}

export function entryOf({ use, start, size, bootable }: Partition, blockSize: number): Buffer {
  const entry = Buffer.alloc(16)
  entry.set([bootable ? 0x80 : 0, ...noChs, types[use], ...noChs])
  entry.writeUInt32LE(start / blockSize, 8)
  entry.writeUInt32LE(size / blockSize, 12)
  return entry
}

/** Four bytes at 440, as `0x` and eight digits. */
const identifierOf = (mbr: Buffer): string =>
  `0x${mbr.readUInt32LE(440).toString(16).padStart(8, '0')}`

/** The identifier of a disk that has one; a blank field is none. */
export async function readDiskIdentifier(device: BlockDevice): Promise<string | null> {
  const mbr = await device.read(0, device.blockSize)
  return mbr.readUInt16LE(510) === 0xaa55 ? identifierOf(mbr) : null
}

/** Where the partitions of a table lie: start and size in bytes. */
export function mbrPlaces(mbr: Buffer, blockSize: number): [number, number][] {
  return [0, 1, 2, 3].flatMap((n): [number, number][] => {
    const entry = mbr.subarray(tableAt + n * 16, tableAt + (n + 1) * 16)
    if (entry[4] === 0) return []
    return [[entry.readUInt32LE(8) * blockSize, entry.readUInt32LE(12) * blockSize]]
  })
}
