import type { JsonObject } from '../../../db/columns.js'
import { BmcError } from '../../../protocols/redfish/errors.js'
import { asArray, asObject, type Json } from '../../../protocols/redfish/json.js'
import { chassisOf, type Chassis } from '../../../protocols/redfish/resources/chassis.js'
import {
  drivesOf,
  simpleStoragesOf,
  storagesOf,
} from '../../../protocols/redfish/resources/storage.js'
import type { System } from '../../../protocols/redfish/resources/system.js'
import type { Task } from '../../interfaces.js'
import { withBmc, type Bmc } from '../bmc.js'

/** A sensor's fields: upstream's names and where they stand, the newest place first. */
type Fields = Readonly<Record<string, string | readonly string[]>>

const fan: Fields = {
  identity: 'MemberId',
  max_reading_range: 'MaxReadingRange',
  min_reading_range: 'MinReadingRange',
  // The latter as in iLO 4.
  reading: ['Reading', 'CurrentReading'],
  reading_units: ['ReadingUnits', 'Units'],
  serial_number: 'SerialNumber',
  physical_context: 'PhysicalContext',
}
const temperature: Fields = {
  identity: 'MemberId',
  max_reading_range_temp: 'MaxReadingRangeTemp',
  min_reading_range_temp: 'MinReadingRangeTemp',
  reading_celsius: 'ReadingCelsius',
  physical_context: 'PhysicalContext',
  sensor_number: ['SensorNumber', 'Number'],
}
const supply: Fields = {
  power_capacity_watts: 'PowerCapacityWatts',
  line_input_voltage: 'LineInputVoltage',
  last_power_output_watts: 'LastPowerOutputWatts',
  serial_number: 'SerialNumber',
}

/**
 * What the machine measures, by kind of sensor (`drivers/modules/redfish/management.py`,
 * get_sensors_data). What the BMC does not give is absent.
 * @throws RedfishError, RedfishConnectionError when the system cannot be read
 */
export async function getSensorsData(task: Task): Promise<JsonObject> {
  return await withBmc(task, async (bmc) => {
    const system = await bmc.system()
    const { manufacturer, model, uuid } = system
    const [chassis] = await lenient(bmc, () => chassisOf(bmc.talk, system), [])
    return {
      Extra: { Manufacturer: manufacturer, Model: model, UUID: uuid },
      Fan: await fans(bmc, chassis),
      Temperature: await temperatures(bmc, chassis),
      Power: await supplies(bmc, chassis),
      Drive: await lenient(bmc, () => drives(bmc, system), {}),
    }
  })
}

async function fans(bmc: Bmc, chassis: Chassis | undefined): Promise<JsonObject> {
  const { Fans } = await read(bmc, chassis?.thermal ?? null)
  return named(Fans, fan, (id) => `${id}@${chassis?.id ?? ''}`)
}

async function temperatures(bmc: Bmc, chassis: Chassis | undefined): Promise<JsonObject> {
  const { Temperatures } = await read(bmc, chassis?.thermal ?? null)
  return named(Temperatures, temperature, (id) => `${id}@${chassis?.id ?? ''}`)
}

async function supplies(bmc: Bmc, chassis: Chassis | undefined): Promise<JsonObject> {
  const power = await read(bmc, chassis?.power ?? null)
  const name = (id: string): string => `${id}:${text(power['Id'])}@${chassis?.id ?? ''}`
  return named(power['PowerSupplies'], supply, name)
}

const text = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : 'None'

/** Sensors by name; one without an id goes by its place in the list, as ids do elsewhere (iLO 4). */
function named(list: unknown, fields: Fields, name: (id: string) => string): JsonObject {
  const entries = asArray(list).map((item, place) => {
    const sensor = asObject(item)
    const id = text(sensor['MemberId'] ?? place)
    return [name(id), { ...pick(sensor, fields), ...status(sensor) }] as const
  })
  return Object.fromEntries(entries)
}
const pick = (sensor: Json, fields: Fields): JsonObject =>
  Object.fromEntries(
    Object.entries(fields).map(([name, keys]) => {
      const key = [keys].flat().find((one) => sensor[one] !== undefined && sensor[one] !== null)
      return [name, key === undefined ? null : sensor[key]]
    }),
  )
const status = (sensor: Json): JsonObject => {
  const { State, Health } = asObject(sensor['Status'])
  return { state: State ?? null, health: Health ?? null }
}

/** Simple storage has its devices inline; otherwise each drive is a request. */
async function drives(bmc: Bmc, system: System): Promise<JsonObject> {
  const systemName = system.document.path.split('/').at(-1) ?? ''
  const simple = await simpleStoragesOf(bmc.talk, system)
  const found: JsonObject = {}
  const add = (d: DriveReading, storage: string | null): void => {
    found[`${d.name ?? 'None'}:${storage ?? 'None'}@${systemName}`] = {
      name: d.name,
      model: d.model,
      capacity_bytes: d.capacityBytes,
      // HPE leaves the state out where it tells the health.
      state: d.state ?? (d.health === null ? null : 'Enabled'),
      health: d.health,
    }
  }
  for (const storage of simple ?? []) {
    for (const device of storage.devices ?? []) if (device.capacityBytes) add(device, storage.id)
  }
  if (simple !== null) return found
  for (const storage of await storagesOf(bmc.talk, system)) {
    for (const drive of await drivesOf(bmc.talk, storage)) add(drive, storage.id)
  }
  return found
}
interface DriveReading {
  readonly name: string | null
  readonly model: string | null
  readonly capacityBytes: number | null
  readonly state: string | null
  readonly health: string | null
}

async function read(bmc: Bmc, path: string | null): Promise<Json> {
  if (path === null) return {}
  return await lenient(bmc, async () => asObject((await bmc.talk.get(path)).json), {})
}

async function lenient<T>(bmc: Bmc, work: () => Promise<T>, otherwise: T): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof BmcError)) throw error
    const { log, node } = { log: bmc.task.ctx.log.bmc, node: bmc.task.node.uuid }
    log.debug({ reason: error.message, node }, 'some sensors are not to be had')
    return otherwise
  }
}
