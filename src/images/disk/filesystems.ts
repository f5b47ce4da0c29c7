/** File systems that are made here and sent to a disk elsewhere. */
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { InvalidParameterValue } from '../../errors.js'
import { ImageCreationFailed } from '../errors.js'
import { copyToDevice, mib, wipe, type BlockDevice, type Extent } from './device.js'
import type { Partition } from './layout.js'

const run = promisify(execFile)
const longestMs = 15 * 60_000
/** A page, as every Linux of today counts swap in. */
const page = 4096

/** How each is made; the holes of the file are not sent, so nothing may count on them being zero. */
const makers: Readonly<Record<string, (label: string) => [string, ...string[]]>> = {
  ext2: (label) => ['mkfs.ext2', '-q', '-F', '-E', 'nodiscard', '-L', label],
  ext3: (label) => ['mkfs.ext3', '-q', '-F', '-E', 'nodiscard', '-L', label],
  ext4: (label) => ['mkfs.ext4', '-q', '-F', '-E', 'nodiscard,lazy_itable_init=1', '-L', label],
  vfat: (label) => ['mkfs.vfat', '-n', label],
}

/** @throws InvalidParameterValue for a file system that cannot be made here */
export function requireMaker(format: string): void {
  if (Object.hasOwn(makers, format)) return
  throw new InvalidParameterValue(
    `A file system of type ${format} cannot be made; use one of ${Object.keys(makers).join(', ')}.`,
  )
}

/**
 * Makes a file system in a partition of a disk.
 * @param dir where a sparse file of the partition's size may be
 * @throws InvalidParameterValue, ImageCreationFailed
 */
export async function makeFilesystem(
  device: BlockDevice,
  partition: Partition,
  format: string,
  label: string,
  options: { readonly dir: string; readonly signal: AbortSignal },
): Promise<void> {
  requireMaker(format)
  const { dir, signal } = options
  const path = join(dir, `filesystem-${randomBytes(8).toString('hex')}`)
  const [program, ...args] = makers[format]?.(label) ?? ['']
  try {
    await writeFile(path, '', { flag: 'wx' })
    await truncate(path, partition.size)
    await tool(program, [...args, path], signal)
    const extents = await dataOf(path, signal)
    await wipe(device, partition.start, mib)
    await wipe(device, partition.start + partition.size - mib, mib)
    await copyToDevice(device, path, partition.start, signal, { extents })
  } finally {
    await rm(path, { force: true })
  }
}

async function tool(program: string, args: string[], signal: AbortSignal): Promise<string> {
  try {
    const options = { signal, timeout: longestMs, maxBuffer: 64 * mib, encoding: 'utf8' } as const
    return (await run(program, args, options)).stdout
  } catch (cause) {
    signal.throwIfAborted()
    const { stderr, message } = cause as { stderr?: string; message: string }
    throw new ImageCreationFailed(program, stderr?.trim() || message, cause)
  }
}

/** The parts of a sparse file that hold data. */
async function dataOf(path: string, signal: AbortSignal): Promise<Extent[]> {
  const args = ['map', '-f', 'raw', '--output=json', path]
  const map = JSON.parse(await tool('qemu-img', args, signal)) as (Extent & { data: boolean })[]
  return map.filter(({ data }) => data)
}

/** Makes swap space (`SWAPSPACE2`, `linux/swap.h`). */
export async function makeSwap(
  device: BlockDevice,
  { start, size }: Partition,
  label: string,
): Promise<void> {
  const header = Buffer.alloc(page)
  header.writeUInt32LE(1, 1024)
  header.writeUInt32LE(size / page - 1, 1028)
  const uuid = randomBytes(16)
  uuid[6] = ((uuid[6] ?? 0) & 0x0f) | 0x40
  uuid[8] = ((uuid[8] ?? 0) & 0x3f) | 0x80
  uuid.copy(header, 1036)
  header.write(label.slice(0, 16), 1052, 'latin1')
  header.write('SWAPSPACE2', page - 10, 'latin1')
  await device.write(start, header)
}

/** The UUID of the file system in a file or an image, null when none is known. */
export async function filesystemUuid(path: string, signal: AbortSignal): Promise<string | null> {
  const args = ['-p', '-s', 'UUID', '-o', 'value', path]
  // blkid ends with an error when it finds nothing.
  const found = await run('blkid', args, { signal, timeout: 60_000 }).catch((error: unknown) => {
    signal.throwIfAborted()
    if ((error as { code?: unknown }).code === 2) return { stdout: '' }
    throw new ImageCreationFailed('blkid', (error as Error).message, error)
  })
  const uuid = found.stdout.trim()
  return /^[0-9A-Fa-f-]{4,36}$/.test(uuid) ? uuid : null
}
