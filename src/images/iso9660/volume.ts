/** Volume descriptors (ECMA-119, 8) and the boot catalogue (El Torito 1.0). */
import { both16, both32, sector, ucs2 } from './hierarchy.js'

export interface Volume {
  readonly label: string
  readonly publisher: string
  /** Sectors of the whole disc. */
  readonly size: number
  readonly tableSize: number
  readonly tableLe: number
  readonly tableBe: number
  readonly rootRecord: Buffer
}

/** `joliet`: the supplementary one, whose texts are UCS-2. */
export function descriptor(volume: Volume, joliet: boolean): Buffer {
  const out = Buffer.alloc(sector)
  out[0] = joliet ? 2 : 1
  out.write('CD001\x01', 1, 'latin1')
  const text = (value: string, at: number, length: number) =>
    (joliet
      ? padded(ucs2(value), length, ucs2(' '))
      : padded(Buffer.from(value, 'latin1'), length, Buffer.from(' '))
    ).copy(out, at)
  text('LINUX', 8, 32)
  text(volume.label, 40, 32)
  both32(out, 80, volume.size)
  // UCS-2 level 3.
  if (joliet) out.write('%/E', 88, 'latin1')
  both16(out, 120, 1)
  both16(out, 124, 1)
  both16(out, 128, sector)
  both32(out, 132, volume.tableSize)
  out.writeUInt32LE(volume.tableLe, 140)
  out.writeUInt32BE(volume.tableBe, 148)
  volume.rootRecord.copy(out, 156)
  for (const [at, length] of [
    [190, 128],
    [446, 128],
    [574, 128],
    [702, 37],
    [739, 37],
    [776, 37],
  ] as const) {
    text('', at, length)
  }
  text(volume.publisher, 318, 128)
  for (const at of [813, 830]) out.write('2000010100000000\0', at, 'latin1')
  for (const at of [847, 864]) out.write('0000000000000000\0', at, 'latin1')
  out[881] = 1
  return out
}

function padded(value: Buffer, length: number, pad: Buffer): Buffer {
  const out = Buffer.alloc(length, pad)
  // An odd field of UCS-2 ends in half a character; that stays zero.
  if (pad.length === 2 && length % 2 === 1) out[length - 1] = 0
  value.copy(out, 0, 0, Math.min(value.length, length - (length % pad.length)))
  return out
}

export const terminator = (): Buffer => {
  const out = Buffer.alloc(sector)
  out.write('\xffCD001\x01', 0, 'latin1')
  return out
}

export function bootRecord(catalogAt: number): Buffer {
  const out = Buffer.alloc(sector)
  out.write('\0CD001\x01EL TORITO SPECIFICATION', 0, 'latin1')
  out.writeUInt32LE(catalogAt, 71)
  return out
}

export interface BootImage {
  readonly platform: 'bios' | 'efi'
  readonly at: number
  readonly size: number
}

/** The catalogue: the first image is the default, each further one gets a section. */
export function bootCatalog(images: readonly BootImage[]): Buffer {
  const [first, ...more] = images
  const out = Buffer.alloc(sector)
  if (first === undefined) return out
  const platform = (image: BootImage) => (image.platform === 'bios' ? 0 : 0xef)
  out[0] = 1
  out[1] = platform(first)
  out.set([0x55, 0xaa], 30)
  out.writeUInt16LE(checksum(out.subarray(0, 32)), 28)
  entry(first).copy(out, 32)
  more.forEach((image, n) => {
    const at = 64 + n * 64
    out[at] = n === more.length - 1 ? 0x91 : 0x90
    out[at + 1] = platform(image)
    out.writeUInt16LE(1, at + 2)
    entry(image).copy(out, at + 32)
  })
  return out
}

function entry(image: BootImage): Buffer {
  const out = Buffer.alloc(32)
  out[0] = 0x88
  // In sectors of 512: isolinux loads itself, firmware wants to know all of an ESP.
  const sectors = image.platform === 'bios' ? 4 : Math.ceil(image.size / 512)
  out.writeUInt16LE(Math.min(sectors, 0xffff), 6)
  out.writeUInt32LE(image.at, 8)
  return out
}

/** All words of the entry add up to zero. */
function checksum(entryBytes: Buffer): number {
  let sum = 0
  for (let at = 0; at < 32; at += 2) sum += entryBytes.readUInt16LE(at)
  return -sum & 0xffff
}

/** What isolinux wants to know of where it is: `mkisofs -boot-info-table`. */
export function withBootInfo(image: Buffer, at: number): Buffer {
  const out = Buffer.from(image)
  out.writeUInt32LE(16, 8)
  out.writeUInt32LE(at, 12)
  out.writeUInt32LE(image.length, 16)
  let sum = 0
  for (let n = 64; n < image.length; n += 4) {
    const word = Buffer.alloc(4)
    image.copy(word, 0, n, Math.min(n + 4, image.length))
    sum = (sum + word.readUInt32LE()) >>> 0
  }
  out.writeUInt32LE(sum, 20)
  out.fill(0, 24, 64)
  return out
}
