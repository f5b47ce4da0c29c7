import type { Requester } from '../requester.js'
import { completionCodes } from '../codec/completion-codes.js'
import { Reader, le16 } from '../codec/reader.js'
import { IpmiCompletionError, IpmiProtocolError } from '../errors.js'
import { decodeSelEntry, entryLength, type SelEntry } from './entry.js'

/** The System Event Log (IPMI 2.0, 31). */

const storage = 0x0a
const lastRecord = 0xffff
/** Record numbers have 16 bits. */
const mostEntries = 0x1_0000
const mostRestarts = 8
const clearing = Buffer.from('CLR')
const begin = 0xaa
const ask = 0x00
const mostLooks = 30

export interface SelInfo {
  readonly version: string
  readonly entries: number
  readonly freeBytes: number
  readonly overflowed: boolean
}

/** Get SEL Info. @throws IpmiCompletionError when there is no log */
export async function selInfo(bmc: Requester): Promise<SelInfo> {
  const data = await bmc.request({ netFn: storage, command: 0x40, data: Buffer.alloc(0) })
  const reader = new Reader(data, 'SEL info')
  const version = reader.u8()
  const entries = reader.u16()
  const freeBytes = reader.u16()
  const overflowed = (reader.skip(8).u8() & 0x80) !== 0
  return { version: `${version & 0x0f}.${version >> 4}`, entries, freeBytes, overflowed }
}

/**
 * Reads all entries, the oldest first. When the log is cleared meanwhile it begins anew.
 * @throws IpmiCompletionError, IpmiProtocolError when it has no end
 */
export async function readSel(bmc: Requester): Promise<SelEntry[]> {
  for (let restart = 0; ; restart += 1) {
    try {
      return await readAll(bmc)
    } catch (error) {
      if (!isCode(error, completionCodes.reservationLost) || restart >= mostRestarts) throw error
    }
  }
}

const isCode = (error: unknown, ...codes: readonly number[]): boolean =>
  error instanceof IpmiCompletionError && codes.includes(error.code)

async function readAll(bmc: Requester): Promise<SelEntry[]> {
  if ((await selInfo(bmc)).entries === 0) return []
  const entries: SelEntry[] = []
  const seen = new Set<number>()
  for (let id = 0; id !== lastRecord;) {
    if (seen.has(id) || entries.length >= mostEntries) {
      throw new IpmiProtocolError('the SEL has no end')
    }
    seen.add(id)
    const found = await readEntry(bmc, id)
    if (found === null) return entries
    entries.push(found.entry)
    id = found.next
  }
  return entries
}

/** Whole entries need no reservation. @returns null when it was removed while the log was read */
async function readEntry(
  bmc: Requester,
  id: number,
): Promise<{ next: number; entry: SelEntry } | null> {
  const data = Buffer.concat([le16(0), le16(id), Buffer.from([0, 0xff])])
  try {
    const reader = new Reader(await bmc.request({ netFn: storage, command: 0x43, data }), 'SEL')
    return { next: reader.u16(), entry: decodeSelEntry(reader.bytes(entryLength)) }
  } catch (error) {
    if (isCode(error, completionCodes.notFound)) return null
    throw error
  }
}

/**
 * Clears the log and waits until the BMC has done so.
 * @param pause waits before the BMC is asked again whether it is done
 * @throws IpmiCompletionError, IpmiProtocolError when it does not come to an end
 */
export async function clearSel(bmc: Requester, pause: () => Promise<void>): Promise<void> {
  const reserve = { netFn: storage, command: 0x42, data: Buffer.alloc(0) }
  const reservation = new Reader(await bmc.request(reserve), 'SEL reservation').u16()
  const clear = async (what: number): Promise<boolean> => {
    const data = Buffer.concat([le16(reservation), clearing, Buffer.from([what])])
    const answer = await bmc.request({ netFn: storage, command: 0x47, data })
    return (new Reader(answer, 'SEL clearing').u8() & 0x0f) === 1
  }
  let done = await clear(begin)
  for (let look = 0; !done; look += 1) {
    if (look >= mostLooks) throw new IpmiProtocolError('the SEL was not cleared in time')
    await pause()
    done = await clear(ask)
  }
}
