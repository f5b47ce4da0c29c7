/** What a disk is to who writes images, wherever it is; and copying files to it. */
import { open, stat } from 'node:fs/promises'

export interface BlockDevice {
  readonly size: number
  readonly blockSize: number
  /** Offset and length are multiples of the block size. */
  read(offset: number, length: number): Promise<Buffer>
  write(offset: number, bytes: Buffer): Promise<void>
  flush(): Promise<void>
}

export const mib = 1024 * 1024
const piece = 4 * mib

export interface Extent {
  readonly start: number
  readonly length: number
}

/**
 * Copies a file to a place on a disk, reading ahead while it writes.
 * @param extents the parts of the file to copy; all of it unless given
 * @param progress is told the bytes that are done
 */
export async function copyToDevice(
  device: BlockDevice,
  path: string,
  offset: number,
  signal: AbortSignal,
  options: { extents?: readonly Extent[]; progress?: (done: number) => void } = {},
): Promise<void> {
  const extents = options.extents ?? [{ start: 0, length: (await stat(path)).size }]
  await using file = await open(path, 'r')
  let done = 0
  let writing = Promise.resolve()
  for (const [at, length] of extents.flatMap(pieces)) {
    signal.throwIfAborted()
    const bytes = Buffer.alloc(Math.ceil(length / device.blockSize) * device.blockSize)
    const { bytesRead } = await file.read(bytes, 0, length, at)
    if (bytesRead !== length) throw new Error(`${path} became shorter while it was read`)
    await writing
    writing = device.write(offset + at, bytes)
    // A failure is met at the next turn; until then it is nobody's fault that is lost.
    writing.catch(() => undefined)
    done += length
    options.progress?.(done)
  }
  await writing
}

const pieces = ({ start, length }: Extent): [number, number][] =>
  Array.from({ length: Math.ceil(length / piece) }, (_, n) => [
    start + n * piece,
    Math.min(piece, length - n * piece),
  ])

/** Writes zeros over a part of a disk. */
export async function wipe(device: BlockDevice, start: number, length: number): Promise<void> {
  const from = Math.max(0, start)
  const size = Math.min(length, device.size - from)
  const whole = Math.floor(size / device.blockSize) * device.blockSize
  if (whole > 0) await device.write(from, Buffer.alloc(whole))
}
