import type { Requester } from '../requester.js'
import { completionCodes } from '../codec/completion-codes.js'
import { Reader, le16 } from '../codec/reader.js'
import { IpmiCompletionError, IpmiProtocolError } from '../errors.js'
import {
  areaLength,
  decodeBoard,
  decodeChassis,
  decodeFruHeader,
  decodeProduct,
  headerLength,
  type FruInventory,
} from './areas.js'

const storage = 0x0a
/** The inventory of the machine itself; others describe its parts. */
const machine = 0
const firstChunk = 32
const leastChunk = 8

/**
 * Reads what a machine is, as its maker wrote it (IPMI 2.0, 34).
 * @param id which of the BMC's inventories
 * @returns null when there is none
 * @throws IpmiProtocolError when it is damaged; IpmiCompletionError
 */
export async function readFru(bmc: Requester, id = machine): Promise<FruInventory | null> {
  const store = await openStore(bmc, id)
  if (store === null) return null
  const header = decodeFruHeader(await store.read(0, headerLength))
  const area = async <T>(at: number, decode: (bytes: Buffer) => T): Promise<T | null> =>
    at === 0 ? null : decode(await store.read(at, areaLength(await store.read(at, 2))))
  return {
    chassis: await area(header.chassis, decodeChassis),
    board: await area(header.board, decodeBoard),
    product: await area(header.product, decodeProduct),
  }
}

interface Store {
  read(at: number, count: number): Promise<Buffer>
}

async function openStore(bmc: Requester, id: number): Promise<Store | null> {
  try {
    const request = { netFn: storage, command: 0x10, data: Buffer.from([id]) }
    const reader = new Reader(await bmc.request(request), 'FRU inventory area info')
    const size = reader.u16()
    const byWords = (reader.u8() & 1) !== 0
    return new Pieces(bmc, id, size, byWords ? 2 : 1)
  } catch (error) {
    if (error instanceof IpmiCompletionError && absent.includes(error.code)) return null
    throw error
  }
}

/** Reads in pieces as large as this BMC sends them. */
class Pieces implements Store {
  readonly #bmc: Requester
  readonly #id: number
  readonly #size: number
  /** Bytes per unit of its offsets and counts. */
  readonly #unit: number
  #chunk = firstChunk

  constructor(bmc: Requester, id: number, size: number, unit: number) {
    this.#bmc = bmc
    this.#id = id
    this.#size = size
    this.#unit = unit
  }

  async read(at: number, count: number): Promise<Buffer> {
    if (at + count > this.#size) throw new IpmiProtocolError('FRU area goes past the end', at)
    const parts: Buffer[] = []
    for (let done = 0; done < count;) {
      const part = await this.#shrinking(at + done, count - done)
      parts.push(part)
      done += part.length
    }
    return Buffer.concat(parts)
  }

  async #shrinking(at: number, count: number): Promise<Buffer> {
    for (;;) {
      const wanted = Math.min(count, this.#chunk)
      try {
        return await this.#part(at, wanted)
      } catch (error) {
        if (!isTooMany(error) || this.#chunk <= leastChunk) throw error
        this.#chunk /= 2
      }
    }
  }

  async #part(at: number, count: number): Promise<Buffer> {
    const unit = this.#unit
    const units = Math.ceil(count / unit)
    const data = Buffer.concat([
      Buffer.from([this.#id]),
      le16(Math.floor(at / unit)),
      Buffer.from([units]),
    ])
    const request = { netFn: storage, command: 0x11, data }
    const reader = new Reader(await this.#bmc.request(request), 'FRU data')
    const returned = reader.u8() * unit
    const bytes = reader.rest().subarray(0, Math.min(returned, count))
    if (bytes.length === 0) throw reader.error('is empty')
    return bytes
  }
}

const absent: readonly number[] = [
  completionCodes.notFound,
  completionCodes.invalidCommand,
  completionCodes.invalidField,
]
const tooMany: readonly number[] = [
  completionCodes.cannotReturnSoMany,
  completionCodes.lengthInvalid,
  completionCodes.lengthLimit,
  completionCodes.outOfRange,
]
const isTooMany = (error: unknown): boolean =>
  error instanceof IpmiCompletionError && tooMany.includes(error.code)
