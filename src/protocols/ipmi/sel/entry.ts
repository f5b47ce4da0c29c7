import { Reader } from '../codec/reader.js'
import { sensorTypeName } from '../sdr/names.js'

/** A record of the System Event Log (IPMI 2.0, 32). */
export interface SelEntry {
  readonly id: number
  /** Null: it carries no time, or one from before the clock was set. */
  readonly at: Date | null
  /** Null for records whose form only the maker knows. */
  readonly event: SelEvent | null
  /** The bytes after record type and, where there is one, time. */
  readonly raw: Buffer
}

export interface SelEvent {
  readonly sensorType: string
  readonly sensorNumber: number
  readonly asserted: boolean
  /** Threshold events in words, others by their numbers: `type 0x6f, offset 1`. */
  readonly what: string
}

export const entryLength = 16
const systemEvent = 0x02
const firstUntimed = 0xe0
/** Times up to here count from the start of the BMC (IPMI 2.0, 37.1). */
const latestRelative = 0x2000_0000
const threshold = 0x01

const thresholdEvents = [
  ...['Lower Non-critical', 'Lower Critical', 'Lower Non-recoverable'],
  ...['Upper Non-critical', 'Upper Critical', 'Upper Non-recoverable'],
].flatMap((level) => [`${level} going low`, `${level} going high`])

/** @throws IpmiProtocolError when it is too short */
export function decodeSelEntry(bytes: Buffer): SelEntry {
  const reader = new Reader(bytes, 'SEL entry')
  const id = reader.u16()
  const type = reader.u8()
  const isTimed = type < firstUntimed
  const seconds = isTimed ? reader.u32() : 0
  const raw = Buffer.from(reader.bytes(entryLength - reader.offset))
  const at = seconds > latestRelative && seconds < 0xffff_ffff ? new Date(seconds * 1000) : null
  return { id, at, event: type === systemEvent ? decodeEvent(raw) : null, raw }
}

function decodeEvent(raw: Buffer): SelEvent {
  const reader = new Reader(raw, 'SEL event').skip(3)
  const sensorType = sensorTypeName(reader.u8())
  const sensorNumber = reader.u8()
  const kind = reader.u8()
  const offset = reader.u8() & 0x0f
  const type = kind & 0x7f
  const named = type === threshold ? thresholdEvents[offset] : undefined
  const what = named ?? `type 0x${type.toString(16).padStart(2, '0')}, offset ${offset}`
  return { sensorType, sensorNumber, asserted: (kind & 0x80) === 0, what }
}
