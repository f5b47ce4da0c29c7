/** Reading small discs of others: the files of a config drive (ECMA-119, Rock Ridge). */
import { InvalidParameterValue } from '../../errors.js'

export interface ReadFile {
  /** With slashes, as the disc's maker named it. */
  readonly path: string
  readonly content: Buffer
}

interface Entry {
  readonly name: string
  readonly directory: boolean
  readonly at: number
  readonly size: number
}

const sector = 2048
const firstDescriptor = 16
/** A drive has a dozen files in three levels. */
const mostEntries = 1000
const deepest = 8
/** As large as a drive may be. Many names may lead to the same bytes, and each is written out. */
const mostBytes = 64 * 1024 * 1024
const mostAreas = 8

/**
 * All files of a disc, in the order of its directories.
 * @throws InvalidParameterValue for what is no disc of this kind, or one that is damaged
 */
export function readIso(iso: Buffer): ReadFile[] {
  const root = rootOf(iso)
  const disc = { iso, skip: rockRidgeSkip(iso, root), entries: 0, bytes: 0 }
  return [...walk(disc, root, '', 0)]
}

interface Disc {
  readonly iso: Buffer
  /** Bytes before the fields of Rock Ridge; null: it has none. */
  readonly skip: number | null
  entries: number
  /** Of the files so far. */
  bytes: number
}

const damaged = (what: string): InvalidParameterValue =>
  new InvalidParameterValue(`The config drive is no readable ISO 9660 disc: ${what}.`)

/** The root directory, by the primary volume descriptor (ECMA-119, 8.4). */
function rootOf(iso: Buffer): Entry {
  for (let at = firstDescriptor * sector; at + sector <= iso.length; at += sector) {
    if (iso.toString('latin1', at + 1, at + 6) !== 'CD001') break
    const type = iso[at]
    if (type === 1) return { ...extentOf(iso, at + 156), name: '', directory: true }
    if (type === 255) break
  }
  throw damaged('it has no volume descriptor')
}

/** Both-endian numbers: the little one comes first (ECMA-119, 7.3.3). */
const extentOf = (iso: Buffer, record: number) => ({
  at: iso.readUInt32LE(record + 2) * sector,
  size: iso.readUInt32LE(record + 10),
})

function* walk(disc: Disc, directory: Entry, prefix: string, depth: number): Generator<ReadFile> {
  if (depth > deepest) throw damaged('its directories are too deep')
  for (const entry of entriesOf(disc, directory)) {
    const path = `${prefix}${entry.name}`
    if (entry.directory) yield* walk(disc, entry, `${path}/`, depth + 1)
    else yield { path, content: contentOf(disc, entry) }
  }
}

function contentOf(disc: Disc, file: Entry): Buffer {
  disc.bytes += file.size
  if (disc.bytes > mostBytes) throw damaged(`its files have more than ${mostBytes} bytes`)
  return slice(disc.iso, file)
}

function slice(iso: Buffer, { at, size }: Pick<Entry, 'at' | 'size'>): Buffer {
  if (at + size > iso.length) throw damaged('it is cut off')
  return iso.subarray(at, at + size)
}

/** The records of a directory but its first two, which are itself and its parent. */
function* entriesOf(disc: Disc, directory: Entry): Generator<Entry> {
  const { at, size } = directory
  slice(disc.iso, directory)
  let seen = 0
  for (let place = at; place < at + size;) {
    const length = disc.iso[place] ?? 0
    if (length === 0) {
      // Records do not cross sectors.
      place += sector - (place % sector)
      continue
    }
    if (length < 34 || place + length > at + size) throw damaged('a directory record is malformed')
    if (++disc.entries > mostEntries) throw damaged('it has too many files')
    if (seen++ >= 2) yield entryOf(disc, place, length)
    place += length
  }
}

/** A directory record (ECMA-119, 9.1). */
function entryOf(disc: Disc, record: number, length: number): Entry {
  const { iso, skip } = disc
  const nameLength = iso[record + 32] ?? 0
  const plain = iso.toString('latin1', record + 33, record + 33 + nameLength)
  const fields = record + 33 + nameLength + (nameLength % 2 === 0 ? 1 : 0)
  const long = skip === null ? null : rockRidgeName(iso, fields + skip, record + length)
  const name = long ?? plain.replace(/\.?;\d+$/, '').toLowerCase()
  if (!isName(name)) throw damaged('a file has a name no file may have')
  const directory = ((iso[record + 25] ?? 0) & 2) !== 0
  return { name, directory, ...extentOf(iso, record) }
}

const isName = (name: string): boolean =>
  name !== '' && name !== '.' && name !== '..' && !/[\p{Cc}/]/u.test(name)

interface Field {
  readonly signature: string
  readonly at: number
  readonly length: number
}

/** System use fields, then those of the continuation areas they lead to (SUSP 1.12, 5.1). */
function* fieldsOf(iso: Buffer, start: number, end: number): Generator<Field> {
  let area: readonly [number, number] | null = [start, end]
  for (let areas = 0; area !== null && areas < mostAreas; areas++) {
    const [from, to]: readonly [number, number] = area
    area = null
    for (const field of areaOf(iso, from, to)) {
      if (field.signature === 'CE' && field.length >= 28) area = continuation(iso, field.at)
      else yield field
    }
  }
}

function* areaOf(iso: Buffer, start: number, end: number): Generator<Field> {
  for (let at = start; at + 4 <= end;) {
    const length = iso[at + 2] ?? 0
    const signature = iso.toString('latin1', at, at + 2)
    if (length < 4 || at + length > end || signature === 'ST') return
    yield { signature, at, length }
    at += length
  }
}

function continuation(iso: Buffer, at: number): readonly [number, number] {
  const start = iso.readUInt32LE(at + 4) * sector + iso.readUInt32LE(at + 12)
  const size = iso.readUInt32LE(at + 20)
  if (start + size > iso.length) throw damaged('it is cut off')
  return [start, start + size]
}

/** Whether the disc has Rock Ridge names: its root says so in its first record (SUSP, 5.3). */
function rockRidgeSkip(iso: Buffer, root: Entry): number | null {
  const length = iso[root.at] ?? 0
  for (const { signature, at } of fieldsOf(iso, root.at + 34, root.at + length)) {
    if (signature === 'SP') return iso[at + 6] ?? 0
  }
  return null
}

/** The name in `NM` fields, which may be in parts (RRIP 1.12, 4.1.4). */
function rockRidgeName(iso: Buffer, start: number, end: number): string | null {
  const parts: Buffer[] = []
  for (const { signature, at, length } of fieldsOf(iso, start, end)) {
    if (signature === 'NM') parts.push(iso.subarray(at + 5, at + length))
  }
  return parts.length === 0 ? null : Buffer.concat(parts).toString('utf8')
}
