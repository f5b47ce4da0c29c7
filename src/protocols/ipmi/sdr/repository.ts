import type { Requester } from '../requester.js'
import { completionCodes } from '../codec/completion-codes.js'
import { Reader, le16 } from '../codec/reader.js'
import { IpmiCompletionError, IpmiProtocolError } from '../errors.js'
import { decodeHeader, headerLength } from './record.js'

/** The SDR repository (IPMI 2.0, 33): read record by record, each in pieces a BMC can send. */

const storage = 0x0a
const sensorEvent = 0x04

/** Where the records are: the repository, or a controller that keeps its own. */
type Source = { readonly netFn: number; readonly reserve: number; readonly get: number }
const repository: Source = { netFn: storage, reserve: 0x22, get: 0x23 }
const device: Source = { netFn: sensorEvent, reserve: 0x22, get: 0x21 }

const lastRecord = 0xffff
const mostRecords = 4096
const mostRestarts = 8
/** BMCs that cannot send so many say so, and are asked for fewer. */
const firstChunk = 32
const leastChunk = 4

export interface SdrInfo {
  readonly version: string
  readonly records: number
  readonly freeBytes: number
  readonly lastAdded: number
  readonly lastErased: number
}

/** Get SDR Repository Info. */
export async function sdrInfo(bmc: Requester): Promise<SdrInfo> {
  const data = await bmc.request({ netFn: storage, command: 0x20, data: Buffer.alloc(0) })
  const reader = new Reader(data, 'SDR repository info')
  const version = reader.u8()
  return {
    version: `${version & 0x0f}.${version >> 4}`,
    records: reader.u16(),
    freeBytes: reader.u16(),
    lastAdded: reader.u32(),
    lastErased: reader.u32(),
  }
}

/**
 * Reads all records. When the repository changes meanwhile it begins anew.
 * @throws IpmiCompletionError, IpmiProtocolError when it has no end
 */
export async function readSdrs(bmc: Requester, from: 'repository' | 'device'): Promise<Buffer[]> {
  const source = from === 'device' ? device : repository
  for (let restart = 0; ; restart += 1) {
    try {
      return await readAll(bmc, source)
    } catch (error) {
      if (!isCode(error, completionCodes.reservationLost) || restart >= mostRestarts) throw error
    }
  }
}

const isCode = (error: unknown, ...codes: readonly number[]): boolean =>
  error instanceof IpmiCompletionError && codes.includes(error.code)

async function readAll(bmc: Requester, source: Source): Promise<Buffer[]> {
  const pieces = new Pieces(bmc, source, await reserve(bmc, source))
  const records: Buffer[] = []
  const seen = new Set<number>()
  for (let id = 0; id !== lastRecord;) {
    if (seen.has(id) || records.length >= mostRecords) {
      throw new IpmiProtocolError('the SDR repository has no end')
    }
    seen.add(id)
    const { next, record } = await pieces.record(id)
    if (record !== null) records.push(record)
    id = next
  }
  return records
}

async function reserve(bmc: Requester, source: Source): Promise<number> {
  const request = { netFn: source.netFn, command: source.reserve, data: Buffer.alloc(0) }
  try {
    return new Reader(await bmc.request(request), 'SDR reservation').u16()
  } catch (error) {
    // Some have no reservations, and then need none.
    if (isCode(error, completionCodes.invalidCommand)) return 0
    throw error
  }
}

/** Reads parts of records, as large as this BMC sends them. */
class Pieces {
  readonly #bmc: Requester
  readonly #source: Source
  readonly #reservation: number
  #chunk = firstChunk

  constructor(bmc: Requester, source: Source, reservation: number) {
    this.#bmc = bmc
    this.#source = source
    this.#reservation = reservation
  }

  /** @returns null for the record when it was removed while it was read */
  async record(id: number): Promise<{ next: number; record: Buffer | null }> {
    let head: { next: number; bytes: Buffer }
    try {
      head = await this.#part(id, 0, headerLength)
    } catch (error) {
      const gone = isCode(error, completionCodes.notFound)
      if (gone) return { next: lastRecord, record: null }
      throw error
    }
    const { length } = decodeHeader(head.bytes)
    const parts = [head.bytes]
    for (let at = headerLength; at < headerLength + length;) {
      const wanted = Math.min(this.#chunk, headerLength + length - at)
      const { bytes } = await this.#shrinking(id, at, wanted)
      parts.push(bytes)
      at += bytes.length
    }
    return { next: head.next, record: Buffer.concat(parts) }
  }

  async #shrinking(id: number, at: number, count: number): Promise<{ bytes: Buffer }> {
    const { cannotReturnSoMany, lengthInvalid, lengthLimit, outOfRange } = completionCodes
    for (let wanted = count; ; wanted = Math.min(wanted, this.#chunk)) {
      try {
        return await this.#part(id, at, wanted)
      } catch (error) {
        const tooMany = isCode(error, cannotReturnSoMany, lengthInvalid, lengthLimit, outOfRange)
        if (!tooMany || this.#chunk <= leastChunk) throw error
        this.#chunk = Math.max(leastChunk, Math.floor(this.#chunk / 2))
      }
    }
  }

  async #part(id: number, at: number, count: number): Promise<{ next: number; bytes: Buffer }> {
    const { netFn, get } = this.#source
    const data = Buffer.concat([le16(this.#reservation), le16(id), Buffer.from([at, count])])
    const reader = new Reader(await this.#bmc.request({ netFn, command: get, data }), 'SDR')
    const next = reader.u16()
    const bytes = reader.rest().subarray(0, count)
    if (bytes.length === 0) throw reader.error('is empty')
    return { next, bytes }
  }
}
