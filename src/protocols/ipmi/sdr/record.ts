import { Reader } from '../codec/reader.js'
import { typedString } from '../codec/strings.js'

/** Sensor data records (IPMI 2.0, 43). */
export interface SensorRecord {
  readonly kind: 'full' | 'compact'
  readonly owner: number
  readonly channel: number
  readonly lun: number
  readonly number: number
  readonly entity: number
  readonly entityInstance: number
  readonly sensorType: number
  /** 1: thresholds; others: states. */
  readonly readingType: number
  readonly assertions: number
  readonly deassertions: number
  readonly units: SensorUnits
  /** How a full record's readings become numbers; null for the others. */
  readonly factors: SensorFactors | null
  readonly name: string
}

export interface SensorUnits {
  /** 0 unsigned, 1 one's complement, 2 two's complement, 3 no number. */
  readonly format: number
  readonly percent: boolean
  readonly base: number
  readonly modifier: number
  /** 0 none, 1 base / modifier, 2 base * modifier. */
  readonly relation: number
}

export interface Factors {
  readonly m: number
  readonly b: number
  readonly bExponent: number
  readonly resultExponent: number
  readonly tolerance: number
}
export interface SensorFactors extends Factors {
  readonly linearization: number
  /** Raw values, null where the record says that they mean nothing. */
  readonly nominal: number | null
  readonly normalMaximum: number | null
  readonly normalMinimum: number | null
  readonly sensorMaximum: number
  readonly sensorMinimum: number
  readonly positiveHysteresis: number
  readonly negativeHysteresis: number
}

export const headerLength = 5
export const recordType = { full: 0x01, compact: 0x02, fruLocator: 0x11, mcLocator: 0x12 } as const

export interface RecordHeader {
  readonly id: number
  readonly type: number
  readonly length: number
}

/** @throws IpmiProtocolError */
export function decodeHeader(bytes: Buffer): RecordHeader {
  const reader = new Reader(bytes, 'SDR header')
  const id = reader.u16()
  reader.skip(1)
  return { id, type: reader.u8(), length: reader.u8() }
}

/**
 * Reads a full or compact sensor record; null for others.
 * @param bytes the whole record with its header
 * @throws IpmiProtocolError
 */
export function decodeSensor(bytes: Buffer): SensorRecord | null {
  const { type } = decodeHeader(bytes)
  if (type !== recordType.full && type !== recordType.compact) return null
  const full = type === recordType.full
  const reader = new Reader(bytes, 'sensor record', headerLength)
  const owner = reader.u8()
  const ownerLun = reader.u8()
  const common = {
    kind: full ? ('full' as const) : ('compact' as const),
    owner,
    channel: ownerLun >> 4,
    lun: ownerLun & 3,
    number: reader.u8(),
    entity: reader.u8(),
    entityInstance: reader.u8() & 0x7f,
    sensorType: reader.skip(2).u8(),
    readingType: reader.u8(),
    assertions: reader.u16(),
    deassertions: reader.u16(),
  }
  const units = decodeUnits(reader.skip(2))
  const factors = full ? decodeFactors(reader) : null
  const name = typedString(bytes, full ? 47 : 31, true)?.text ?? ''
  return { ...common, units, factors, name }
}

function decodeUnits(reader: Reader): SensorUnits {
  const bits = reader.u8()
  return {
    format: bits >> 6,
    percent: (bits & 1) !== 0,
    relation: (bits >> 1) & 3,
    base: reader.u8(),
    modifier: reader.u8(),
  }
}

/** A two's complement number of some bits. */
export const signed = (value: number, bits: number): number =>
  value >= 2 ** (bits - 1) ? value - 2 ** bits : value

/**
 * M, B, their exponents and the tolerance, as they stand in a record and in the answer to Get
 * Sensor Reading Factors.
 */
export function decodeConversion(reader: Reader): Factors {
  const mLow = reader.u8()
  const mHigh = reader.u8()
  const bLow = reader.u8()
  const bHigh = reader.u8()
  reader.skip(1)
  const exponents = reader.u8()
  return {
    m: signed(mLow | ((mHigh & 0xc0) << 2), 10),
    b: signed(bLow | ((bHigh & 0xc0) << 2), 10),
    tolerance: mHigh & 0x3f,
    resultExponent: signed(exponents >> 4, 4),
    bExponent: signed(exponents & 0x0f, 4),
  }
}

function decodeFactors(reader: Reader): SensorFactors {
  const linearization = reader.u8() & 0x7f
  const conversion = decodeConversion(reader)
  const flags = reader.u8()
  const given = (bit: number): number | null => {
    const value = reader.u8()
    return (flags & bit) === 0 ? null : value
  }
  const nominal = given(1)
  const normalMaximum = given(2)
  const normalMinimum = given(4)
  const sensorMaximum = reader.u8()
  const sensorMinimum = reader.u8()
  const positiveHysteresis = reader.skip(6).u8()
  const negativeHysteresis = reader.u8()
  const ranges = { nominal, normalMaximum, normalMinimum, sensorMaximum, sensorMinimum }
  return { linearization, ...conversion, ...ranges, positiveHysteresis, negativeHysteresis }
}

/** Where a FRU's inventory is (type 0x11). */
export interface FruLocator {
  readonly accessAddress: number
  readonly fruId: number
  /** It is a logical device, read with the FRU commands. */
  readonly logical: boolean
  readonly lun: number
  readonly channel: number
  readonly name: string
}

/** Reads a FRU locator; null for other records. @throws IpmiProtocolError */
export function decodeFruLocator(bytes: Buffer): FruLocator | null {
  if (decodeHeader(bytes).type !== recordType.fruLocator) return null
  const reader = new Reader(bytes, 'FRU locator', headerLength)
  const accessAddress = reader.u8()
  const fruId = reader.u8()
  const bits = reader.u8()
  const channel = reader.u8() >> 4
  const name = typedString(bytes, 15, true)?.text ?? ''
  return { accessAddress, fruId, logical: (bits & 0x80) !== 0, lun: (bits >> 3) & 3, channel, name }
}
