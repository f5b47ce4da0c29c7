import type { FileHandle } from 'node:fs/promises'
import { tftpErrors } from './packet.js'
import type { TftpErrorCode } from './packet.js'

/** What a read request gets: bytes that can be read piece by piece. */
export interface TftpContent {
  readonly size: number
  /** Resolves to up to `length` bytes; fewer only at the end. */
  read(offset: number, length: number): Promise<Buffer>
  close(): Promise<void>
}

/** A request that is answered by an ERROR packet. */
export class TftpRefusal extends Error {
  override readonly name = 'TftpRefusal'
  readonly code: TftpErrorCode
  constructor(message: string, code: TftpErrorCode = tftpErrors.notFound) {
    super(message)
    this.code = code
  }
}

/** Bytes that are in memory: a script computed for one machine. */
export const bufferContent = (bytes: Buffer): TftpContent => ({
  size: bytes.length,
  read: (offset, length) => Promise.resolve(bytes.subarray(offset, offset + length)),
  close: () => Promise.resolve(),
})

/** An open file; closing the content closes it. */
export function fileContent(file: FileHandle, size: number): TftpContent {
  return {
    size,
    async read(offset, length) {
      const bytes = Buffer.allocUnsafe(length)
      let filled = 0
      while (filled < length) {
        const { bytesRead } = await file.read(bytes, filled, length - filled, offset + filled)
        if (bytesRead === 0) break
        filled += bytesRead
      }
      return bytes.subarray(0, filled)
    },
    close: () => file.close(),
  }
}
