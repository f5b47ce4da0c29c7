/** Putting an instance on a disk (`ironic_lib/disk_utils.py` of 2015, work_on_disk). */
import { stat } from 'node:fs/promises'
import { copyToDevice, mib, wipe, type BlockDevice } from './device.js'
import { filesystemUuid, makeFilesystem, makeSwap } from './filesystems.js'
import { gptPlaces, readDiskGuid, writeGpt } from './gpt.js'
import { DiskTooSmall, planPartitions, type Partition, type Wanted } from './layout.js'
import { mbrPlaces, readDiskIdentifier, writeMbr } from './mbr.js'

/** What goes wrong with the disk or the image, in words for an operator. */
export class DiskDeployError extends Error {
  override readonly name = 'DiskDeployError'
}

export interface DeployOptions {
  /** For large temporary files. */
  readonly dir: string
  readonly signal: AbortSignal
  /** Told what is being done, for the timeline. */
  readonly tell: (what: string) => void
}

export interface PartitionImage extends Wanted {
  /** Raw. */
  readonly image: string
  readonly configDrive: Buffer | null
  readonly ephemeralFormat: string
  /** Partitions and the ephemeral one stay as they are. */
  readonly preserveEphemeral: boolean
}

/**
 * Partitions a disk and writes an image of a file system into its root.
 * @returns the UUID of the root file system
 * @throws DiskTooSmall, DiskDeployError, ImageCreationFailed, and what the device throws
 */
export async function deployPartitionImage(
  device: BlockDevice,
  wanted: PartitionImage,
  options: DeployOptions,
): Promise<string> {
  const { signal, tell } = options
  const partitions = planPartitions(wanted, device.size)
  const find = (use: Partition['use']) => partitions.find((one) => one.use === use)
  const root = find('root')
  if (root === undefined) throw new DiskDeployError('There is no root partition to write to')
  await requireFits(wanted.image, root.size, 'root partition')
  if (wanted.preserveEphemeral) await requireSame(device, partitions)
  else await partition(device, partitions, wanted.label, tell)
  const drive = find('configdrive')
  if (drive && wanted.configDrive) await writePadded(device, drive, wanted.configDrive)
  tell('writes the image')
  await copyToDevice(device, wanted.image, root.start, signal)
  const [efi, swap, ephemeral] = [find('efi'), find('swap'), find('ephemeral')]
  if (swap) await makeSwap(device, swap, 'swap1')
  tell('makes file systems')
  if (efi) await makeFilesystem(device, efi, 'vfat', 'efi-part', options)
  if (ephemeral && !wanted.preserveEphemeral) {
    await makeFilesystem(device, ephemeral, wanted.ephemeralFormat, 'ephemeral0', options)
  }
  await device.flush()
  const uuid = await filesystemUuid(wanted.image, signal)
  if (uuid === null) throw new DiskDeployError('The image has no file system with a UUID')
  return uuid
}

/**
 * Writes an image of a whole disk.
 * @returns the disk's identifier: that of its MBR (`0x…`), or the GUID of its GPT, since PXELINUX
 *   finds no disk with a GPT by the former
 * @throws DiskTooSmall, DiskDeployError, and what the device throws
 */
export async function deployWholeDisk(
  device: BlockDevice,
  image: string,
  options: DeployOptions,
): Promise<string> {
  await requireFits(image, device.size, 'disk')
  // Tables of before, at both ends, must not survive a smaller image.
  await wipe(device, 0, mib)
  await wipe(device, device.size - mib, mib)
  options.tell('writes the image')
  await copyToDevice(device, image, 0, options.signal)
  await device.flush()
  const identifier = (await readDiskGuid(device)) ?? (await readDiskIdentifier(device))
  if (identifier === null) throw new DiskDeployError('The image has no partition table')
  return identifier
}

async function requireFits(image: string, size: number, what: string): Promise<void> {
  const { size: needed } = await stat(image)
  if (needed <= size) return
  const [a, b] = [Math.ceil(needed / mib), Math.floor(size / mib)]
  throw new DiskTooSmall(`The image of ${a} MiB does not fit the ${what} of ${b} MiB`)
}

async function partition(
  device: BlockDevice,
  partitions: readonly Partition[],
  label: 'msdos' | 'gpt',
  tell: (what: string) => void,
): Promise<void> {
  tell(`writes a partition table (${label})`)
  await wipe(device, 0, mib)
  await wipe(device, device.size - mib, mib)
  if (label === 'gpt') await writeGpt(device, partitions)
  else await writeMbr(device, partitions)
}

/** A table that is kept must have everything where this instance wants it. */
async function requireSame(device: BlockDevice, partitions: readonly Partition[]): Promise<void> {
  const mbr = await device.read(0, device.blockSize)
  const places = (await gptPlaces(device)) ?? mbrPlaces(mbr, device.blockSize)
  const wanted = partitions.map(({ start, size }) => [start, size])
  if (JSON.stringify(places) === JSON.stringify(wanted)) return
  throw new DiskDeployError(
    'The partitions on the disk are not those of this instance, so the ephemeral one cannot be kept',
  )
}

async function writePadded(
  device: BlockDevice,
  { start }: Partition,
  bytes: Buffer,
): Promise<void> {
  const padded = Buffer.alloc(Math.ceil(bytes.length / device.blockSize) * device.blockSize)
  bytes.copy(padded)
  await device.write(start, padded)
}
