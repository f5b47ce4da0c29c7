import type { Requester } from '../requester.js'
import { completionCodes } from '../codec/completion-codes.js'
import { Reader } from '../codec/reader.js'
import { IpmiCompletionError } from '../errors.js'
import type { Bridge } from '../session/bridge.js'
import { bmcAddress } from '../codec/message.js'
import { decodeConversion, signed, type Factors, type SensorRecord } from './record.js'

/** Sensor readings (IPMI 2.0, 35.14, 36). */
export interface SensorReading {
  readonly raw: number
  /** Null: the sensor has nothing to say now. */
  readonly value: number | null
  readonly tolerance: number
  readonly scanning: boolean
  /** Thresholds passed, or states that hold. */
  readonly states: number
}

const sensorEvent = 0x04

/** Sensors of a satellite controller are asked there, through the BMC. */
const askedThrough = (sensor: SensorRecord): { bridge: Bridge } | undefined =>
  sensor.owner === bmcAddress || (sensor.owner & 1) !== 0
    ? undefined
    : {
        bridge: {
          target: { channel: sensor.channel, address: sensor.owner },
          transit: null,
          localAddress: bmcAddress,
        },
      }

async function ask(
  bmc: Requester,
  sensor: SensorRecord,
  command: number,
  ...data: readonly number[]
): Promise<Buffer> {
  const bytes = Buffer.from([sensor.number, ...data])
  const request = { netFn: sensorEvent, command, data: bytes, lun: sensor.lun }
  return await bmc.request(request, askedThrough(sensor))
}

/** Nothing to say: not there, or the command is not for this sensor. */
const silentCodes = new Set<number>([
  completionCodes.notFound,
  completionCodes.invalidCommand,
  0xcd,
  0xce,
  0xd3,
  0xd5,
  0xff,
])

const orNull = (error: unknown): null => {
  if (error instanceof IpmiCompletionError && silentCodes.has(error.code)) return null
  throw error
}

/** Get Sensor Reading; null when the BMC has no such sensor at the moment. */
export async function readSensor(
  bmc: Requester,
  sensor: SensorRecord,
): Promise<SensorReading | null> {
  const data = await ask(bmc, sensor, 0x2d).catch(orNull)
  if (data === null) return null
  const reader = new Reader(data, 'sensor reading')
  const raw = reader.u8()
  const flags = reader.u8()
  const low = reader.left > 0 ? reader.u8() : 0
  const high = reader.left > 0 ? reader.u8() : 0
  const scanning = (flags & 0x40) !== 0
  const available = (flags & 0x20) === 0 && scanning
  const factors = available ? await factorsFor(bmc, sensor, raw) : null
  return {
    raw,
    value: factors === null ? null : convert(sensor, factors, raw),
    tolerance: factors === null ? 0 : toleranceOf(factors),
    scanning: available,
    states: low | ((high & 0x7f) << 8),
  }
}

const nonLinear = 0x70

/** The factors of a reading: those of the record, or for a non-linear sensor those of its place. */
async function factorsFor(
  bmc: Requester,
  sensor: SensorRecord,
  raw: number,
): Promise<Factors | null> {
  if (sensor.factors === null || sensor.units.format === 3) return null
  if (sensor.factors.linearization < nonLinear) return sensor.factors
  const data = await ask(bmc, sensor, 0x23, raw).catch(orNull)
  return data === null ? null : decodeConversion(new Reader(data, 'reading factors').skip(1))
}

const linearizations: readonly ((x: number) => number)[] = [
  (x) => x,
  Math.log,
  Math.log10,
  Math.log2,
  Math.exp,
  (x) => 10 ** x,
  (x) => 2 ** x,
  (x) => 1 / x,
  (x) => x ** 2,
  (x) => x ** 3,
  Math.sqrt,
  Math.cbrt,
]

function signedRaw(format: number, raw: number): number {
  if (format === 2) return signed(raw, 8)
  // One's complement has two zeros.
  return format === 1 && (raw & 0x80) !== 0 ? -(~raw & 0x7f) : raw
}

/** y = L((M x + B 10^k1) 10^k2) (36.3). */
export function convert(sensor: SensorRecord, factors: Factors, raw: number): number {
  const x = signedRaw(sensor.units.format, raw)
  const inner = factors.m * x + factors.b * 10 ** factors.bExponent
  const linearize = linearizations[sensor.factors?.linearization ?? 0] ?? ((y: number) => y)
  return linearize(inner * 10 ** factors.resultExponent)
}

/** In half steps of the raw value (36.4.1). */
const toleranceOf = (factors: Factors): number =>
  Math.abs((factors.m * factors.tolerance) / 2) * 10 ** factors.resultExponent

export const thresholdNames = [
  'lowerNonCritical',
  'lowerCritical',
  'lowerNonRecoverable',
  'upperNonCritical',
  'upperCritical',
  'upperNonRecoverable',
] as const
export type Threshold = (typeof thresholdNames)[number]

/** Get Sensor Thresholds: those the sensor has; null when it has none. */
export async function readThresholds(
  bmc: Requester,
  sensor: SensorRecord,
): Promise<Partial<Record<Threshold, number>> | null> {
  const { factors } = sensor
  if (factors === null || sensor.readingType !== 1) return null
  const data = await ask(bmc, sensor, 0x27).catch(orNull)
  if (data === null) return null
  const reader = new Reader(data, 'sensor thresholds')
  const readable = reader.u8()
  const found = thresholdNames.flatMap((name, bit) => {
    const raw = reader.left > 0 ? reader.u8() : 0
    const has = (readable & (1 << bit)) !== 0 && factors.linearization < nonLinear
    return has ? [[name, convert(sensor, factors, raw)] as const] : []
  })
  return Object.fromEntries(found)
}
