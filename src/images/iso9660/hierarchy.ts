/**
 * Directory records and path tables (ECMA-119, 9.1 and 9.4) of one hierarchy: the primary one
 * with Rock Ridge names and modes (RRIP 1.12), or Joliet's in UCS-2.
 */
import { directoriesOf, sizeOf, type DiscDirectory, type DiscFile } from './tree.js'

export const sector = 2048
type Node = DiscFile | DiscDirectory

export interface Place {
  readonly at: number
  readonly size: number
}
/** Where everything is, in sectors; filled in before the records are written. */
export type Places = ReadonlyMap<Node, Place>

interface Style {
  /** The identifier of each child, unique in its directory. */
  identifiers(dir: DiscDirectory): Map<Node, Buffer>
  systemUse(node: Node | 'root' | 'dot'): Buffer
}

export interface Hierarchy {
  readonly directories: readonly DiscDirectory[]
  /** Bytes of a directory's records, whole sectors. */
  extent(dir: DiscDirectory): number
  records(dir: DiscDirectory, places: Places): Buffer
  pathTable(places: Places, endian: 'LE' | 'BE'): Buffer
  rootRecord(places: Places): Buffer
}

export function hierarchy(root: DiscDirectory, style: Style): Hierarchy {
  const names = new Map(directoriesOf(root).map((dir) => [dir, style.identifiers(dir)]))
  const idOf = (node: Node, dir: DiscDirectory) => names.get(dir)?.get(node) ?? Buffer.from([0])
  const ordered = (dir: DiscDirectory) =>
    dir.children.toSorted((a, b) => idOf(a, dir).compare(idOf(b, dir)))
  const directories = inTableOrder(root, ordered)

  const recordsOf = (dir: DiscDirectory, places: Places | null): Buffer[] => {
    const own = style.systemUse(dir.parent === null ? 'root' : 'dot')
    return [
      record(Buffer.from([0]), dir, places, own),
      record(Buffer.from([1]), dir.parent ?? dir, places, style.systemUse('dot')),
      ...ordered(dir).map((n) => record(idOf(n, dir), n, places, style.systemUse(n))),
    ]
  }
  return {
    directories,
    extent: (dir) => packed(recordsOf(dir, null)).length,
    records: (dir, places) => packed(recordsOf(dir, places)),
    rootRecord: (places) => record(Buffer.from([0]), root, places, Buffer.alloc(0)),
    pathTable: (places, endian) =>
      Buffer.concat(
        directories.map((dir) => {
          const id = dir.parent === null ? Buffer.from([0]) : idOf(dir, dir.parent)
          const parent = directories.indexOf(dir.parent ?? dir) + 1
          return tableEntry(id, places.get(dir)?.at ?? 0, parent, endian)
        }),
      ),
  }
}

function inTableOrder(root: DiscDirectory, ordered: (dir: DiscDirectory) => Node[]) {
  const all = [root]
  for (const dir of all) all.push(...ordered(dir).filter((child) => child.kind === 'directory'))
  return all
}

/** A record may not lie across two sectors. */
function packed(records: readonly Buffer[]): Buffer {
  const out: Buffer[] = []
  let used = 0
  for (const one of records) {
    const left = sector - (used % sector)
    if (one.length > left) {
      out.push(Buffer.alloc(left))
      used += left
    }
    out.push(one)
    used += one.length
  }
  out.push(Buffer.alloc((sector - (used % sector)) % sector))
  return Buffer.concat(out)
}

function record(id: Buffer, node: Node, places: Places | null, systemUse: Buffer): Buffer {
  const place = places?.get(node) ?? { at: 0, size: 0 }
  const nameEnd = 33 + id.length + ((id.length + 1) % 2)
  const out = Buffer.alloc(nameEnd + systemUse.length + (systemUse.length % 2))
  out[0] = out.length
  both32(out, 2, place.at)
  both32(out, 10, place.size)
  // 2000-01-01: the same files make the same disc.
  out.set([100, 1, 1, 0, 0, 0, 0], 18)
  out[25] = node.kind === 'directory' ? 2 : 0
  both16(out, 28, 1)
  out[32] = id.length
  id.copy(out, 33)
  systemUse.copy(out, nameEnd)
  return out
}

function tableEntry(id: Buffer, at: number, parent: number, endian: 'LE' | 'BE'): Buffer {
  const out = Buffer.alloc(8 + id.length + (id.length % 2))
  out[0] = id.length
  if (endian === 'LE') {
    out.writeUInt32LE(at, 2)
    out.writeUInt16LE(parent, 6)
  } else {
    out.writeUInt32BE(at, 2)
    out.writeUInt16BE(parent, 6)
  }
  id.copy(out, 8)
  return out
}

export function both32(out: Buffer, at: number, value: number): void {
  out.writeUInt32LE(value, at)
  out.writeUInt32BE(value, at + 4)
}
export function both16(out: Buffer, at: number, value: number): void {
  out.writeUInt16LE(value, at)
  out.writeUInt16BE(value, at + 2)
}

/** Names of old, told apart by numbers; what they are called is in the Rock Ridge fields. */
export const rockRidge: Style = {
  identifiers(dir) {
    const taken = new Set<string>()
    return new Map(
      dir.children.map((child) => {
        const id = plainName(child, taken)
        taken.add(id)
        return [child, Buffer.from(id, 'latin1')]
      }),
    )
  },
  systemUse(node) {
    if (node === 'root') return Buffer.concat([sharing, mode(true), extension])
    if (node === 'dot') return mode(true)
    return Buffer.concat([mode(node.kind === 'directory'), alternateName(node.name)])
  },
}

function plainName(node: Node, taken: ReadonlySet<string>): string {
  const clean = (text: string) => text.toUpperCase().replace(/[^A-Z0-9_]/g, '_')
  const dot = node.kind === 'file' ? node.name.lastIndexOf('.') : -1
  const base = clean(dot > 0 ? node.name.slice(0, dot) : node.name)
  const suffix =
    node.kind === 'file' ? `.${clean(dot > 0 ? node.name.slice(dot + 1) : '').slice(0, 8)};1` : ''
  for (let n = 0; ; n++) {
    const number = n === 0 ? '' : String(n)
    const name = base.slice(0, 20 - number.length) + number + suffix
    if (!taken.has(name)) return name
  }
}

/** SP: fields of this kind are in use (SUSP 1.12, 5.3). */
const sharing = Buffer.from([0x53, 0x50, 7, 1, 0xbe, 0xef, 0])
/** ER: they are Rock Ridge's (5.5). */
const extension = Buffer.concat([
  Buffer.from([0x45, 0x52, 18, 1, 10, 0, 0, 1]),
  Buffer.from('RRIP_1991A'),
])

/** PX: readable for all, writable for none. */
function mode(directory: boolean): Buffer {
  const out = Buffer.alloc(36)
  out.set([0x50, 0x58, 36, 1])
  both32(out, 4, directory ? 0o040555 : 0o100444)
  both32(out, 12, directory ? 2 : 1)
  return out
}
/** NM: the name as it was given. */
const alternateName = (name: string): Buffer =>
  Buffer.concat([Buffer.from([0x4e, 0x4d, 5 + name.length, 1, 0]), Buffer.from(name, 'latin1')])

export const joliet: Style = {
  identifiers: (dir) =>
    new Map(dir.children.map((child) => [child, ucs2(child.name.slice(0, 64))])),
  systemUse: () => Buffer.alloc(0),
}

export const ucs2 = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16()
export const contentSize = (file: DiscFile): number => sizeOf(file.content)
