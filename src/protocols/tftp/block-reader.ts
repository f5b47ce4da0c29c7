import type { TftpContent } from './content.js'

/** Reads a content block by block, in order. The last block is shorter than `blockSize`. */
export interface BlockReader {
  /** Returns the next block, or undefined when `fill` must read it first. */
  next(): Buffer | undefined
  /** Reads until `next` has a block. */
  fill(): Promise<void>
}

/** Bytes of one read: several blocks, so that the disk is not read for each packet. */
const readAhead = 128 * 1024

/** @param netascii converts line ends to those of the network (RFC 764) */
export function blockReader(
  content: TftpContent,
  blockSize: number,
  netascii: boolean,
): BlockReader {
  const chunk = Math.max(1, Math.floor(readAhead / blockSize)) * blockSize
  let ready: Buffer = Buffer.alloc(0)
  let [offset, ended] = [0, false]
  return {
    next() {
      if (ready.length < blockSize && !ended) return undefined
      const block = ready.subarray(0, blockSize)
      ready = ready.subarray(block.length)
      return block
    },
    async fill() {
      while (ready.length < blockSize && !ended) {
        const bytes = await content.read(offset, chunk)
        offset += bytes.length
        ended = bytes.length < chunk
        const added = netascii ? toNetascii(bytes) : bytes
        ready = ready.length === 0 ? added : Buffer.concat([ready, added])
      }
    },
  }
}

/** LF becomes CR LF, and CR becomes CR NUL. Each byte is converted by itself, so any cut will do. */
export function toNetascii(bytes: Buffer): Buffer {
  const out: number[] = []
  for (const byte of bytes) {
    if (byte === 0x0a) out.push(0x0d, 0x0a)
    else if (byte === 0x0d) out.push(0x0d, 0x00)
    else out.push(byte)
  }
  return Buffer.from(out)
}
