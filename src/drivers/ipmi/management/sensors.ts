import type { JsonObject } from '../../../db/columns.js'
import type { Requester } from '../../../protocols/ipmi/requester.js'
import { deviceId } from '../../../protocols/ipmi/commands/device.js'
import { entityName, sensorTypeName, unitName } from '../../../protocols/ipmi/sdr/names.js'
import {
  convert,
  readSensor,
  readThresholds,
  type SensorReading,
  type Threshold,
} from '../../../protocols/ipmi/sdr/reading.js'
import { decodeSensor, type SensorRecord } from '../../../protocols/ipmi/sdr/record.js'
import { readSdrs } from '../../../protocols/ipmi/sdr/repository.js'
import { groupSensors } from './sensor-text.js'

/** All sensors of a BMC under the names `ipmitool sdr -v` gives their fields (docs/reference/drivers.md, E.5). */
export async function readSensors(bmc: Requester): Promise<JsonObject> {
  const { supports, providesDeviceSdrs } = await deviceId(bmc)
  const fromDevice = !supports.includes('SDR repository') && providesDeviceSdrs
  const found: Record<string, string>[] = []
  for (const record of await readSdrs(bmc, fromDevice ? 'device' : 'repository')) {
    const sensor = decodeSensor(record)
    if (sensor !== null) found.push(await describe(bmc, sensor))
  }
  return groupSensors(found)
}

async function describe(bmc: Requester, sensor: SensorRecord): Promise<Record<string, string>> {
  const reading = await readSensor(bmc, sensor)
  const hasThresholds = sensor.readingType === 1
  const type = sensorTypeName(sensor.sensorType)
  return {
    'Sensor ID': `${sensor.name} (0x${sensor.number.toString(16)})`,
    'Entity ID': `${sensor.entity}.${sensor.entityInstance} (${entityName(sensor.entity)})`,
    [`Sensor Type (${hasThresholds ? 'Threshold' : 'Discrete'})`]: `${type} (0x${sensor.sensorType.toString(16).padStart(2, '0')})`,
    'Sensor Reading': readingText(sensor, reading),
    ...(hasThresholds
      ? { Status: statusOf(reading), ...(await limits(bmc, sensor)) }
      : reading !== null && reading.states !== 0
        ? { 'States Asserted': type }
        : {}),
  }
}

function readingText(sensor: SensorRecord, reading: SensorReading | null): string {
  if (reading === null) return 'No Reading'
  if (!reading.scanning) return 'Disabled'
  if (sensor.readingType !== 1 || reading.value === null) return `${reading.raw.toString(16)}h`
  return `${short(reading.value)} (+/- ${short(reading.tolerance)}) ${unitName(sensor.units)}`
}

/** At most three places, as `ipmitool` prints them. */
const short = (value: number): string =>
  Number.isInteger(value) ? String(value) : value.toFixed(3)

function statusOf(reading: SensorReading | null): string {
  if (reading === null || !reading.scanning) return 'Not Available'
  const passed = reading.states & 0x3f
  if ((passed & 0x20) !== 0) return 'Upper Non-Recoverable'
  if ((passed & 0x10) !== 0) return 'Upper Critical'
  if ((passed & 0x08) !== 0) return 'Upper Non-Critical'
  if ((passed & 0x04) !== 0) return 'Lower Non-Recoverable'
  if ((passed & 0x02) !== 0) return 'Lower Critical'
  return (passed & 0x01) !== 0 ? 'Lower Non-Critical' : 'ok'
}

const thresholdText: Readonly<Record<Threshold, string>> = {
  upperNonRecoverable: 'Upper non-recoverable',
  upperCritical: 'Upper critical',
  upperNonCritical: 'Upper non-critical',
  lowerNonRecoverable: 'Lower non-recoverable',
  lowerCritical: 'Lower critical',
  lowerNonCritical: 'Lower non-critical',
}

async function limits(bmc: Requester, sensor: SensorRecord): Promise<Record<string, string>> {
  const { factors } = sensor
  if (factors === null) return {}
  const thresholds = (await readThresholds(bmc, sensor)) ?? {}
  const ranges = {
    'Nominal Reading': factors.nominal,
    'Normal Minimum': factors.normalMinimum,
    'Normal Maximum': factors.normalMaximum,
  }
  const known = Object.entries(ranges).flatMap(([key, raw]) =>
    raw === null ? [] : [[key, convert(sensor, factors, raw).toFixed(3)]],
  )
  const named = Object.entries(thresholdText).flatMap(([key, text]) => {
    const value = thresholds[key as Threshold]
    return value === undefined ? [] : [[text, value.toFixed(3)]]
  })
  const hysteresis = [
    ['Positive Hysteresis', factors.positiveHysteresis],
    ['Negative Hysteresis', factors.negativeHysteresis],
  ] as const
  const steps = hysteresis.flatMap(([key, raw]) =>
    raw === 0 ? [] : [[key, convert(sensor, { ...factors, b: 0 }, raw).toFixed(3)]],
  )
  return Object.fromEntries([...known, ...named, ...steps]) as Record<string, string>
}
