import type { TftpContent } from './content.js'

/** Hands out a content block by block, in order; the last one is shorter than `blockSize`. */
export interface BlockReader {
  /** The next block at once when it has been read, else undefined: call `fill` and ask again. */
  next(): Buffer | undefined
  /** Reads on until `next` has a block. */
  fill(): Promise<void>
}

/** Bytes read at once: some blocks, so that a disk is not asked per packet. */
const readAhead = 128 * 1024

/** @param netascii turns line ends into the network's on the way (RFC 764) */
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

/** LF becomes CR LF, CR becomes CR NUL. Works on any cut, as each byte stands for itself. */
export function toNetascii(bytes: Buffer): Buffer {
  const out: number[] = []
  for (const byte of bytes) {
    if (byte === 0x0a) out.push(0x0d, 0x0a)
    else if (byte === 0x0d) out.push(0x0d, 0x00)
    else out.push(byte)
  }
  return Buffer.from(out)
}
