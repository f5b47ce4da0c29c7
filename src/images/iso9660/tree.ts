/** The files of a disc as a tree, with the names each of the two hierarchies gives them. */
import { ImageCreationFailed } from '../errors.js'

/** What a file is made of: bytes, or a file on this machine. */
export type Content = Buffer | { readonly file: string; readonly size: number }

export interface FileEntry {
  /** Relative, with slashes: `openstack/latest/meta_data.json`. */
  readonly path: string
  readonly content: Content
}

export interface DiscFile {
  readonly kind: 'file'
  readonly name: string
  readonly path: string
  readonly content: Content
}
export interface DiscDirectory {
  readonly kind: 'directory'
  readonly name: string
  readonly parent: DiscDirectory | null
  readonly children: (DiscFile | DiscDirectory)[]
}

export const sizeOf = (content: Content): number =>
  Buffer.isBuffer(content) ? content.length : content.size

/** Longer ones would need continuation areas, and nobody here makes them. */
const longestName = 100

/** @throws ImageCreationFailed for paths no disc can hold */
export function buildTree(entries: readonly FileEntry[]): DiscDirectory {
  const root: DiscDirectory = { kind: 'directory', name: '', parent: null, children: [] }
  for (const { path, content } of entries) {
    const parts = path.split('/')
    if (parts.length > 8 || !parts.every(isName)) {
      throw new ImageCreationFailed('iso', `${JSON.stringify(path)} is no path on a disc`)
    }
    const name = parts.pop() ?? ''
    const dir = parts.reduce(subdirectory, root)
    if (dir.children.some((child) => child.name === name)) {
      throw new ImageCreationFailed('iso', `${path} is there twice`)
    }
    dir.children.push({ kind: 'file', name, path, content })
  }
  return root
}

const isName = (name: string): boolean =>
  /^[\x20-\x7e]+$/.test(name) && name.length <= longestName && name !== '.' && name !== '..'

function subdirectory(parent: DiscDirectory, name: string): DiscDirectory {
  const there = parent.children.find((child) => child.name === name)
  if (there?.kind === 'directory') return there
  if (there !== undefined) throw new ImageCreationFailed('iso', `${name} is a file and a directory`)
  const made: DiscDirectory = { kind: 'directory', name, parent, children: [] }
  parent.children.push(made)
  return made
}

/** Every directory, level by level, as path tables list them. */
export function directoriesOf(root: DiscDirectory): DiscDirectory[] {
  const all = [root]
  // The list grows while it is walked: that is what makes it breadth first.
  for (const dir of all) {
    all.push(...dir.children.filter((child) => child.kind === 'directory'))
  }
  return all
}

/** Every file, in a steady order. */
export const filesOf = (root: DiscDirectory): DiscFile[] =>
  directoriesOf(root).flatMap((dir) => dir.children.filter((child) => child.kind === 'file'))
