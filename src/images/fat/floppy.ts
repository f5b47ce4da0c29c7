/** A floppy image with one text file (FAT12 as in Microsoft's FAT specification 1.03, 1440 KiB). */
import { InvalidParameterValue } from '../../errors.js'

const sector = 512
const sectors = 2880
const fatSectors = 9
const rootEntries = 224
const dataStart = 1 + 2 * fatSectors + (rootEntries * 32) / sector
const mostBytes = (sectors - dataStart) * sector

/** The agent finds the floppy by this label. */
const label = 'IR-VFD-DEV '

/**
 * Builds the image.
 * @param name of the file: up to 26 ASCII characters
 * @throws InvalidParameterValue when the file does not fit
 */
export function floppyImage(name: string, content: Buffer): Buffer {
  if (content.length > mostBytes) {
    throw new InvalidParameterValue(
      `The file ${name} of ${content.length} bytes does not fit a floppy.`,
    )
  }
  const image = Buffer.alloc(sectors * sector)
  writeBootSector(image)
  const clusters = Math.ceil(content.length / sector)
  for (const copy of [1, 1 + fatSectors]) writeFat(image.subarray(copy * sector), clusters)
  writeRoot(image.subarray((1 + 2 * fatSectors) * sector), name, content.length)
  content.copy(image, dataStart * sector)
  return image
}

function writeBootSector(image: Buffer): void {
  image.set([0xeb, 0x3c, 0x90], 0)
  image.write('MSDOS5.0', 3, 'latin1')
  image.writeUInt16LE(sector, 11)
  image[13] = 1 // sectors of a cluster
  image.writeUInt16LE(1, 14) // reserved sectors
  image[16] = 2 // tables
  image.writeUInt16LE(rootEntries, 17)
  image.writeUInt16LE(sectors, 19)
  image[21] = 0xf0 // a removable disk
  image.writeUInt16LE(fatSectors, 22)
  image.writeUInt16LE(18, 24) // sectors of a track
  image.writeUInt16LE(2, 26) // heads
  image[38] = 0x29 // serial number, label and type follow
  image.writeUInt32LE(0x46455252, 39)
  image.write(label, 43, 'latin1')
  image.write('FAT12   ', 54, 'latin1')
  image.set([0x55, 0xaa], 510)
}

/** One chain of clusters, from cluster 2 on. */
function writeFat(table: Buffer, clusters: number): void {
  const entry = (index: number, value: number): void => {
    const at = Math.floor(index * 1.5)
    const [low = 0, high = 0] = [table[at], table[at + 1]]
    if (index % 2 === 0) {
      table[at] = value & 0xff
      table[at + 1] = (high & 0xf0) | (value >> 8)
    } else {
      table[at] = (low & 0x0f) | ((value << 4) & 0xf0)
      table[at + 1] = value >> 4
    }
  }
  entry(0, 0xff0)
  entry(1, 0xfff)
  for (let i = 0; i < clusters; i++) entry(2 + i, i === clusters - 1 ? 0xfff : 3 + i)
}

function writeRoot(root: Buffer, name: string, size: number): void {
  root.write(label, 0, 'latin1')
  root[11] = 0x08 // the label of the volume
  const [stem = '', extension = ''] = name.toUpperCase().split('.')
  const short = Buffer.from(`${stem.slice(0, 6)}~1`.padEnd(8) + extension.slice(0, 3).padEnd(3))
  const parts = Math.ceil(name.length / 13)
  for (let part = parts; part >= 1; part--) {
    const at = 32 * (1 + parts - part)
    writeLongName(root.subarray(at, at + 32), { name, part, last: part === parts, short })
  }
  const file = root.subarray(32 * (1 + parts), 32 * (2 + parts))
  short.copy(file)
  file[11] = 0x20 // an ordinary file
  file.writeUInt16LE(size === 0 ? 0 : 2, 26)
  file.writeUInt32LE(size, 28)
}

/** Where an entry holds the 13 characters of its part of a long name. */
const places = [1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30]

function writeLongName(
  entry: Buffer,
  { name, part, last, short }: { name: string; part: number; last: boolean; short: Buffer },
): void {
  entry[0] = part | (last ? 0x40 : 0)
  entry[11] = 0x0f
  entry[13] = short.reduce((sum, byte) => (((sum & 1) << 7) + (sum >> 1) + byte) & 0xff, 0)
  places.forEach((at, i) => {
    const index = (part - 1) * 13 + i
    const code = index < name.length ? name.charCodeAt(index) : index === name.length ? 0 : 0xffff
    entry.writeUInt16LE(code, at)
  })
}
