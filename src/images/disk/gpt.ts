/** The GUID partition table (UEFI 2.10, 5.3). */
import { randomBytes } from 'node:crypto'
import { crc32 } from 'node:zlib'
import type { BlockDevice } from './device.js'
import type { Partition, PartitionUse } from './layout.js'

const types: Readonly<Record<PartitionUse, string>> = {
  efi: 'c12a7328-f81f-11d2-ba4b-00a0c93ec93b',
  ephemeral: '0fc63daf-8483-4772-8e79-3d69d8477de4',
  swap: '0657fd6d-a4ab-43c4-84e5-0933c84b4f4f',
  configdrive: '0fc63daf-8483-4772-8e79-3d69d8477de4',
  root: '0fc63daf-8483-4772-8e79-3d69d8477de4',
}
const entryCount = 128
const entrySize = 128
const headerSize = 92

/** Between the order of the text and the mixed one the firmware keeps. */
function swapped(guid: Buffer): Buffer {
  const bytes = Buffer.from(guid)
  bytes.subarray(0, 4).reverse()
  bytes.subarray(4, 6).reverse()
  bytes.subarray(6, 8).reverse()
  return bytes
}

const guidBytes = (guid: string): Buffer => swapped(Buffer.from(guid.replaceAll('-', ''), 'hex'))

const guidText = (bytes: Buffer): string =>
  swapped(bytes)
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')

function randomGuid(): Buffer {
  const bytes = randomBytes(16)
  bytes[7] = ((bytes[7] ?? 0) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  return bytes
}

/** Writes both copies of a table and the MBR that guards it. */
export async function writeGpt(
  device: BlockDevice,
  partitions: readonly Partition[],
): Promise<void> {
  const { blockSize, size } = device
  const last = Math.floor(size / blockSize) - 1
  const tableBlocks = Math.ceil((entryCount * entrySize) / blockSize)
  const table = Buffer.alloc(tableBlocks * blockSize)
  partitions.forEach((one, n) => entryOf(one, blockSize).copy(table, n * entrySize))
  const disk = randomGuid()
  const header = (own: number, other: number, tableAt: number) =>
    headerOf({ disk, table, own, other, tableAt, last, tableBlocks, blockSize })
  const backupTable = last - tableBlocks
  await device.write(backupTable * blockSize, table)
  await device.write(last * blockSize, header(last, 1, backupTable))
  await device.write(2 * blockSize, table)
  await device.write(blockSize, header(1, last, 2))
  await device.write(0, guardOf(blockSize, last))
}

function guardOf(blockSize: number, last: number): Buffer {
  const block = Buffer.alloc(blockSize)
  block.set([0, 0, 2, 0, 0xee, 0xff, 0xff, 0xff], 446)
  block.writeUInt32LE(1, 454)
  block.writeUInt32LE(Math.min(last, 0xffffffff), 458)
  block.writeUInt16LE(0xaa55, 510)
  return block
}

function entryOf({ use, start, size, bootable }: Partition, blockSize: number): Buffer {
  const entry = Buffer.alloc(entrySize)
  guidBytes(types[use]).copy(entry, 0)
  randomGuid().copy(entry, 16)
  entry.writeBigUInt64LE(BigInt(start / blockSize), 32)
  entry.writeBigUInt64LE(BigInt((start + size) / blockSize - 1), 40)
  // Legacy BIOS bootable.
  if (bootable && use === 'root') entry[48] = 4
  entry.write(use, 56, 'utf16le')
  return entry
}

interface HeaderParts {
  readonly disk: Buffer
  readonly table: Buffer
  readonly own: number
  readonly other: number
  readonly tableAt: number
  readonly last: number
  readonly tableBlocks: number
  readonly blockSize: number
}

function headerOf(parts: HeaderParts): Buffer {
  const out = Buffer.alloc(parts.blockSize)
  out.write('EFI PART', 0, 'latin1')
  out.writeUInt32LE(0x00010000, 8)
  out.writeUInt32LE(headerSize, 12)
  const usable = 2 + parts.tableBlocks
  const places = [parts.own, parts.other, usable, parts.last - parts.tableBlocks - 1]
  places.forEach((block, n) => out.writeBigUInt64LE(BigInt(block), 24 + n * 8))
  parts.disk.copy(out, 56)
  out.writeBigUInt64LE(BigInt(parts.tableAt), 72)
  out.writeUInt32LE(entryCount, 80)
  out.writeUInt32LE(entrySize, 84)
  out.writeUInt32LE(crc32(parts.table.subarray(0, entryCount * entrySize)), 88)
  out.writeUInt32LE(crc32(out.subarray(0, headerSize)), 16)
  return out
}

/** The header of the first copy; null when there is no GPT. */
async function readHeader(device: BlockDevice): Promise<Buffer | null> {
  const header = await device.read(device.blockSize, device.blockSize)
  return header.toString('latin1', 0, 8) === 'EFI PART' ? header : null
}

/** The GUID of the disk, as boot loaders look for it; null when there is no GPT. */
export async function readDiskGuid(device: BlockDevice): Promise<string | null> {
  const header = await readHeader(device)
  return header === null ? null : guidText(header.subarray(56, 72))
}

/** Where the partitions of a table lie: start and size in bytes; null when there is no GPT. */
export async function gptPlaces(device: BlockDevice): Promise<[number, number][] | null> {
  const { blockSize } = device
  const header = await readHeader(device)
  if (header === null) return null
  const length = Math.ceil((entryCount * entrySize) / blockSize) * blockSize
  const table = await device.read(Number(header.readBigUInt64LE(72)) * blockSize, length)
  const entries = Array.from({ length: entryCount }, (_, n) =>
    table.subarray(n * entrySize, (n + 1) * entrySize),
  ).filter((entry) => entry.subarray(0, 16).some((byte) => byte !== 0))
  return entries.map((entry): [number, number] => {
    const [first, end] = [Number(entry.readBigUInt64LE(32)), Number(entry.readBigUInt64LE(40))]
    return [first * blockSize, (end - first + 1) * blockSize]
  })
}
