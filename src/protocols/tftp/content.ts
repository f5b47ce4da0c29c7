import type { FileHandle } from 'node:fs/promises'
import { tftpErrors } from './packet.js'
import type { TftpErrorCode } from './packet.js'

/** The content that a read request gets, to be read piece by piece. */
export interface TftpContent {
  readonly size: number
  /** Resolves to `length` bytes, or to fewer at the end. */
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

/** A content in memory, such as a script computed for one machine. */
export const bufferContent = (bytes: Buffer): TftpContent => ({
  size: bytes.length,
  read: (offset, length) => Promise.resolve(bytes.subarray(offset, offset + length)),
  close: () => Promise.resolve(),
})

/** The content of an open file, which `close` closes. */
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
