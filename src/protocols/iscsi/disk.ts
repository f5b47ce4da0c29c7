/** A logical unit as a disk: SCSI block commands (SBC-3) over a session. */
import { IscsiError } from './pdu.js'
import { openSession, type Command, type IscsiSession, type SessionOptions } from './session.js'

export interface IscsiDisk extends AsyncDisposable {
  /** In bytes. */
  readonly size: number
  readonly blockSize: number
  /** Offset and length are multiples of the block size. @throws IscsiError */
  read(offset: number, length: number): Promise<Buffer>
  write(offset: number, bytes: Buffer): Promise<void>
  /** Everything that was written is on the medium. */
  flush(): Promise<void>
  close(): Promise<void>
}

/** Largest transfer of one command. */
const transfer = 512 * 1024
/** A target that was just set up says so, once for each thing that changed. */
const attentionRetries = 5
const unitAttention = 6
const busy = new Set([0x08, 0x28])

/** @throws IscsiError */
export async function openDisk(options: SessionOptions): Promise<IscsiDisk> {
  const session = await openSession(options)
  try {
    await checked(session, { cdb: Buffer.alloc(6) }, 'TEST UNIT READY')
    const { size, blockSize } = await capacity(session)
    return diskOf(session, size, blockSize)
  } catch (error) {
    await session.close()
    throw error
  }
}

function diskOf(session: IscsiSession, size: number, blockSize: number): IscsiDisk {
  const request = (code: number, offset: number, length: number) => {
    if (offset % blockSize !== 0 || length % blockSize !== 0 || offset + length > size) {
      throw new IscsiError(`${length} bytes at ${offset} are no blocks of a disk of ${size}`)
    }
    const cdb = Buffer.alloc(16)
    cdb[0] = code
    cdb.writeBigUInt64BE(BigInt(offset / blockSize), 2)
    cdb.writeUInt32BE(length / blockSize, 10)
    return cdb
  }
  const close = () => session.close()
  return {
    size,
    blockSize,
    async read(offset, length) {
      const parts: Buffer[] = []
      for (const [at, count] of pieces(offset, length)) {
        const data = await checked(session, { cdb: request(0x88, at, count), read: count }, 'READ')
        if (data.length !== count) throw new IscsiError('The target sent less than was asked for')
        parts.push(data)
      }
      return Buffer.concat(parts)
    },
    async write(offset, bytes) {
      await Promise.all(
        pieces(offset, bytes.length).map(async ([at, count]) => {
          const write = bytes.subarray(at - offset, at - offset + count)
          await checked(session, { cdb: request(0x8a, at, count), write }, 'WRITE')
        }),
      )
    },
    async flush() {
      const cdb = Buffer.alloc(10)
      cdb[0] = 0x35
      await checked(session, { cdb }, 'SYNCHRONIZE CACHE')
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

function pieces(offset: number, length: number): [number, number][] {
  const count = Math.ceil(length / transfer)
  return Array.from({ length: count }, (_, n) => [
    offset + n * transfer,
    Math.min(transfer, length - n * transfer),
  ])
}

/** READ CAPACITY (16), which every disk of this century has. */
async function capacity(session: IscsiSession): Promise<{ size: number; blockSize: number }> {
  const cdb = Buffer.alloc(16)
  cdb[0] = 0x9e
  cdb[1] = 0x10
  cdb.writeUInt32BE(32, 10)
  const data = await checked(session, { cdb, read: 32 }, 'READ CAPACITY')
  if (data.length < 12) throw new IscsiError('The target does not tell the size of its disk')
  const blockSize = data.readUInt32BE(8)
  const size = (Number(data.readBigUInt64BE(0)) + 1) * blockSize
  if (blockSize < 512 || blockSize > 65536 || !Number.isSafeInteger(size)) {
    throw new IscsiError(`A disk of ${size} bytes in blocks of ${blockSize} is not believed`)
  }
  return { size, blockSize }
}

/** Runs a command until it succeeds or fails for good. */
async function checked(session: IscsiSession, command: Command, name: string): Promise<Buffer> {
  for (let attempt = 0; ; attempt++) {
    const { status, data, sense } = await session.execute(command)
    if (status === 0) return data
    const key = senseKey(sense)
    const passing = busy.has(status) || key === unitAttention
    if (passing && attempt < attentionRetries) continue
    throw new IscsiError(`${name} failed: ${describe(status, sense)}`)
  }
}

/** Fixed and descriptor format keep it in different places (SPC-4, 4.5). */
const senseKey = (sense: Buffer): number | null => {
  const byte = isDescriptor(sense) ? sense[1] : sense[2]
  return byte === undefined ? null : byte & 0xf
}
const isDescriptor = (sense: Buffer): boolean => ((sense[0] ?? 0) & 0x7e) === 0x72

const keys: Readonly<Record<number, string>> = {
  2: 'the disk is not ready',
  3: 'the disk has a medium error',
  4: 'the disk has a hardware error',
  5: 'the disk does not know the request',
  7: 'the disk is write-protected',
}

function describe(status: number, sense: Buffer): string {
  const key = senseKey(sense)
  const [asc, ascq] = isDescriptor(sense) ? [sense[2], sense[3]] : [sense[12], sense[13]]
  const what = key === null ? `status 0x${status.toString(16)}` : (keys[key] ?? `sense key ${key}`)
  return asc === undefined ? what : `${what} (${hex(asc)}/${hex(ascq ?? 0)})`
}

const hex = (byte: number): string => byte.toString(16).padStart(2, '0')
