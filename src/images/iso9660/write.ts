/** A disc: ISO 9660 with Rock Ridge and Joliet, bootable if asked. */
import { open, readFile, type FileHandle } from 'node:fs/promises'
import { createReadStream } from 'node:fs'
import { ImageCreationFailed } from '../errors.js'
import { contentSize, hierarchy, joliet, rockRidge, sector } from './hierarchy.js'
import type { Hierarchy, Place } from './hierarchy.js'
import { buildTree, filesOf, type DiscDirectory, type DiscFile, type FileEntry } from './tree.js'
import { bootCatalog, bootRecord, descriptor, terminator, withBootInfo } from './volume.js'
import type { BootImage } from './volume.js'

export interface Disc {
  /** Of the volume, at most 16 characters so that Joliet has it whole. */
  readonly label: string
  readonly publisher?: string
  readonly files: readonly FileEntry[]
  /** Paths among the files: isolinux for BIOS, a FAT image for UEFI. */
  readonly boot?: { readonly bios?: string; readonly efi?: string }
}

interface Layout {
  readonly disc: Disc
  readonly files: readonly DiscFile[]
  readonly size: number
  readonly primary: Part
  readonly joliet: Part
  readonly catalogAt: number | null
}
interface Part {
  readonly tree: Hierarchy
  readonly places: ReadonlyMap<DiscDirectory | DiscFile, Place>
  readonly tableLe: number
  readonly tableBe: number
}

const sectors = (bytes: number): number => Math.ceil(bytes / sector)
const mostFile = 0xffff_f800

/**
 * Writes a disc into a new file.
 * @throws ImageCreationFailed
 */
export async function writeIso(path: string, disc: Disc, signal: AbortSignal): Promise<void> {
  const layout = plan(disc)
  await using handle = await open(path, 'wx', 0o640)
  for (const [at, bytes] of metadata(layout)) await writeAt(handle, bytes, at * sector)
  for (const file of layout.files) {
    const place = layout.primary.places.get(file)
    if (place !== undefined) await writeContent(handle, file, place, disc, signal)
  }
  await handle.truncate(layout.size * sector)
}

/** A small disc, in memory. */
export function isoBuffer(disc: Disc): Buffer {
  const layout = plan(disc)
  const out = Buffer.alloc(layout.size * sector)
  for (const [at, bytes] of metadata(layout)) bytes.copy(out, at * sector)
  for (const file of layout.files) {
    const place = layout.primary.places.get(file)
    if (!Buffer.isBuffer(file.content) || place === undefined) {
      throw new ImageCreationFailed('iso', `${file.path} is not in memory`)
    }
    file.content.copy(out, place.at * sector)
  }
  return out
}

function plan(disc: Disc): Layout {
  const root = buildTree(disc.files)
  const files = filesOf(root)
  const big = files.find((file) => contentSize(file) > mostFile)
  if (big !== undefined) throw new ImageCreationFailed('iso', `${big.path} is larger than 4 GiB`)
  // System area, two descriptors, perhaps a boot record, the terminator.
  let next = 19 + (disc.boot ? 1 : 0)
  const take = (bytes: number) => {
    const at = next
    next += sectors(bytes)
    return at
  }
  const catalogAt = disc.boot ? take(sector) : null
  const part = (tree: Hierarchy) => {
    const places = new Map<DiscDirectory | DiscFile, Place>()
    const table = tree.pathTable(places, 'LE').length
    const [tableLe, tableBe] = [take(table), take(table)]
    for (const dir of tree.directories) {
      const size = tree.extent(dir)
      places.set(dir, { at: take(size), size })
    }
    return { tree, places, tableLe, tableBe }
  }
  const primary = part(hierarchy(root, rockRidge))
  const second = part(hierarchy(root, joliet))
  for (const file of files) {
    const size = contentSize(file)
    const place = { at: take(size), size }
    primary.places.set(file, place)
    second.places.set(file, place)
  }
  // Some drives read ahead of the last track (as other writers pad it).
  return { disc, files, size: next + 150, primary, joliet: second, catalogAt }
}

/** Everything but the files: sector and bytes. */
function metadata(layout: Layout): [number, Buffer][] {
  const { disc, catalogAt } = layout
  const volume = (part: Part) => ({
    label: disc.label,
    publisher: disc.publisher ?? '',
    size: layout.size,
    tableSize: part.tree.pathTable(part.places, 'LE').length,
    tableLe: part.tableLe,
    tableBe: part.tableBe,
    rootRecord: part.tree.rootRecord(part.places),
  })
  const descriptors = [
    descriptor(volume(layout.primary), false),
    ...(catalogAt === null ? [] : [bootRecord(catalogAt)]),
    descriptor(volume(layout.joliet), true),
    terminator(),
  ]
  const out = descriptors.map((bytes, n): [number, Buffer] => [16 + n, bytes])
  if (catalogAt !== null) out.push([catalogAt, bootCatalog(bootImages(layout))])
  for (const part of [layout.primary, layout.joliet]) {
    out.push([part.tableLe, part.tree.pathTable(part.places, 'LE')])
    out.push([part.tableBe, part.tree.pathTable(part.places, 'BE')])
    for (const dir of part.tree.directories) {
      out.push([part.places.get(dir)?.at ?? 0, part.tree.records(dir, part.places)])
    }
  }
  return out
}

function bootImages({ disc, files, primary }: Layout): BootImage[] {
  return (['bios', 'efi'] as const).flatMap((platform) => {
    const path = disc.boot?.[platform]
    if (path === undefined) return []
    const file = files.find((one) => one.path === path)
    const place = file === undefined ? undefined : primary.places.get(file)
    if (place === undefined) throw new ImageCreationFailed('iso', `${path} is not on the disc`)
    return [{ platform, ...place }]
  })
}

async function writeContent(
  handle: FileHandle,
  file: DiscFile,
  place: Place,
  disc: Disc,
  signal: AbortSignal,
): Promise<void> {
  const { content } = file
  if (file.path === disc.boot?.bios) {
    const bytes = Buffer.isBuffer(content) ? content : await readFile(content.file)
    return writeAt(handle, withBootInfo(bytes, place.at), place.at * sector)
  }
  if (Buffer.isBuffer(content)) return writeAt(handle, content, place.at * sector)
  let at = place.at * sector
  const end = at + place.size
  for await (const chunk of createReadStream(content.file, { signal, highWaterMark: 1 << 20 })) {
    await writeAt(handle, chunk as Buffer, at)
    at += (chunk as Buffer).length
  }
  if (at !== end) throw new ImageCreationFailed('iso', `${file.path} changed while it was read`)
}

async function writeAt(handle: FileHandle, bytes: Buffer, at: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    done += (await handle.write(bytes, done, bytes.length - done, at + done)).bytesWritten
  }
}
