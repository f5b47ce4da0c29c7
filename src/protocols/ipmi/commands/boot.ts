import type { Requester } from '../requester.js'
import { Reader } from '../codec/reader.js'

/** System boot options (IPMI 2.0, 28.12 to 28.14). */

const chassis = 0x00
const set = 0x08
const get = 0x09

const parameters = { setInProgress: 0x00, validBitClearing: 0x03, acknowledge: 0x04, flags: 0x05 }

/** Device selectors, as they stand in bits 5 to 2 of the second byte. */
export const bootSelectors = {
  none: 0x00,
  pxe: 0x04,
  disk: 0x08,
  safe: 0x0c,
  diagnostic: 0x10,
  cdrom: 0x14,
  bios: 0x18,
  floppy: 0x3c,
  /** Supermicro's UEFI hard disk. */
  remoteDisk: 0x24,
} as const

export interface BootFlags {
  /** The flags count. Some BMCs clear this once the machine has booted. */
  readonly valid: boolean
  readonly persistent: boolean
  readonly uefi: boolean
  readonly selector: number
}

const bits = { valid: 0x80, persistent: 0x40, uefi: 0x20 }
const selectorMask = 0x3c

async function setParameter(
  bmc: Requester,
  parameter: number,
  ...data: readonly number[]
): Promise<void> {
  const bytes = Buffer.from([parameter, ...data])
  await bmc.request({ netFn: chassis, command: set, data: bytes })
}

/** Has the flags survive: without this a BMC drops them 60 seconds after it was told. */
export const disableBootTimeout = (bmc: Requester): Promise<void> =>
  setParameter(bmc, parameters.validBitClearing, 0x08)

/** Sets the boot flags, marked valid. */
export async function setBootFlags(bmc: Requester, flags: Omit<BootFlags, 'valid'>): Promise<void> {
  const first = bits.valid | (flags.persistent ? bits.persistent : 0) | (flags.uefi ? bits.uefi : 0)
  await setParameter(bmc, parameters.flags, first, flags.selector & selectorMask, 0, 0, 0)
}

/** Tells the BMC that the BIOS shall act on what was set (parameter 4). */
export const acknowledgeBootInfo = (bmc: Requester): Promise<void> =>
  setParameter(bmc, parameters.acknowledge, 0x01, 0x01)

/** Reads them. */
export async function bootFlags(bmc: Requester): Promise<BootFlags> {
  const data = Buffer.from([parameters.flags, 0, 0])
  const answer = await bmc.request({ netFn: chassis, command: get, data })
  const reader = new Reader(answer, 'boot flags').skip(2)
  const first = reader.u8()
  const second = reader.u8()
  return {
    valid: (first & bits.valid) !== 0,
    persistent: (first & bits.persistent) !== 0,
    uefi: (first & bits.uefi) !== 0,
    selector: second & selectorMask,
  }
}
