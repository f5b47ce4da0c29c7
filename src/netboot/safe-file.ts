import { open, realpath } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { constants } from 'node:fs'
import { join, sep } from 'node:path'

export interface OpenFile {
  readonly file: FileHandle
  readonly size: number
  readonly modified: Date
}

/**
 * Opens a regular file below a directory. Neither `..` nor a symbolic link in the path reaches a file
 * outside.
 * @param name relative, with slashes
 * @returns null when the file does not exist, is not a regular file, or is outside
 */
export async function openBelow(directory: string, name: string): Promise<OpenFile | null> {
  const parts = name.split('/').filter((part) => part !== '' && part !== '.')
  if (parts.length === 0 || parts.includes('..') || name.includes('\0')) return null
  try {
    const root = await realpath(directory)
    const path = join(root, ...parts)
    if ((await realpath(path)) !== path || !path.startsWith(root + sep)) return null
    return await openRegular(path, constants.O_NOFOLLOW)
  } catch (error) {
    if (isAbsent(error)) return null
    throw error
  }
}

/**
 * Opens a file that the configuration names or that the image cache holds.
 * @returns null when the file does not exist or is not a regular file
 */
export async function openRegular(path: string, flags = 0): Promise<OpenFile | null> {
  try {
    // A FIFO would block the open without O_NONBLOCK.
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | flags)
    const stat = await file.stat()
    if (stat.isFile()) return { file, size: stat.size, modified: stat.mtime }
    await file.close()
    return null
  } catch (error) {
    if (isAbsent(error)) return null
    throw error
  }
}

const absent = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'EACCES', 'EISDIR', 'ENAMETOOLONG', 'ENXIO'])

const isAbsent = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && absent.has(String(error.code))
