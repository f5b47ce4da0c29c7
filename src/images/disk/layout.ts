/**
 * Where the partitions of an instance go, in the order of the deployments of 2015 (docs/reference/boot-deploy.md,
 * K.3): the parts of fixed use first, the root last, so that the image can grow into the rest.
 */
import { mib } from './device.js'

export type PartitionUse = 'efi' | 'ephemeral' | 'swap' | 'configdrive' | 'root'

export interface Partition {
  readonly use: PartitionUse
  readonly start: number
  readonly size: number
  readonly bootable: boolean
}

export interface Wanted {
  readonly rootMb: number
  readonly swapMb: number
  readonly ephemeralMb: number
  /** Bytes of the config drive; 0 without one. */
  readonly configDriveSize: number
  /** The instance boots from its own disk, in this mode; null: its kernel comes over the network. */
  readonly localBoot: 'bios' | 'uefi' | null
  readonly label: 'msdos' | 'gpt'
}

const efiMb = 200

/** The disk cannot take what is wanted. */
export class DiskTooSmall extends Error {
  override readonly name = 'DiskTooSmall'
}

/** @throws DiskTooSmall */
export function planPartitions(wanted: Wanted, diskSize: number): Partition[] {
  const { localBoot, label } = wanted
  const withEsp = localBoot === 'uefi' && label === 'gpt'
  const sizes: readonly (readonly [PartitionUse, number])[] = [
    ['efi', withEsp ? efiMb : 0],
    ['ephemeral', wanted.ephemeralMb],
    ['swap', wanted.swapMb],
    ['configdrive', Math.ceil(wanted.configDriveSize / mib)],
    ['root', wanted.rootMb],
  ]
  let start = mib
  const partitions = sizes
    .filter(([, size]) => size > 0)
    .map(([use, sizeMb]) => {
      const bootable = use === 'efi' || (use === 'root' && localBoot === 'bios')
      const one = { use, start, size: sizeMb * mib, bootable }
      start += one.size
      return one
    })
  // A GPT keeps its copy at the end.
  const needed = start + (label === 'gpt' ? mib : 0)
  if (needed <= diskSize) return partitions
  throw new DiskTooSmall(
    `The disk of ${Math.floor(diskSize / mib)} MiB is too small for partitions of ${needed / mib} MiB`,
  )
}
