import { and, asc, eq } from 'drizzle-orm'
import type { AppContext } from '../../context.js'
import type { JsonObject } from '../../db/columns.js'
import type { NodeRow } from '../../db/rows.js'
import { nodes } from '../../db/schema/index.js'
import { UnsupportedDriverExtension } from '../../errors.js'
import { sensorReading } from '../../metrics.js'
import { systemCaller } from '../work/caller.js'
import { nodeTask } from '../node/with-node.js'
import { forEachNode, ownedNodes } from './owned.js'
import type { Periodic } from './schedule.js'

/**
 * Reads the sensors of machines (docs/reference/conductor.md 15). Upstream sends them over the message bus; here
 * each reading is a line of the log in upstream's form and, where it is a number, a gauge at
 * `/metrics`. No lock is taken.
 */
export function sensors(ctx: AppContext): Periodic {
  const { send_sensor_data: on, enable_for_nodes: ofNodes, interval } = ctx.config.sensor_data
  return { name: 'sensors', interval: on && ofNodes ? interval : 0, run: readSensors }
}

export async function readSensors(ctx: AppContext, signal: AbortSignal): Promise<void> {
  const options = ctx.config.sensor_data
  const deployed = options.enable_for_undeployed_nodes
    ? undefined
    : eq(nodes.provisionState, 'active')
  const rows = await ownedNodes(ctx, and(eq(nodes.maintenance, false), deployed), asc(nodes.id))
  const limit =
    options.wait_timeout === 0 ? signal : AbortSignal.timeout(options.wait_timeout * 1000)
  const until = AbortSignal.any([signal, limit])
  sensorReading.reset()
  await forEachNode(ctx, rows, options.workers, until, (row) => readOne(ctx, row, until))
}

async function readOne(ctx: AppContext, row: NodeRow, signal: AbortSignal): Promise<void> {
  const task = nodeTask(ctx, systemCaller(signal), { row, held: null })
  let found: JsonObject
  try {
    found = (await task.driver.management.getSensorsData?.(task)) ?? {}
  } catch (error) {
    if (error instanceof UnsupportedDriverExtension) return
    throw error
  }
  const wanted = ctx.config.sensor_data.data_types
  const all = wanted.some((type) => type.toUpperCase() === 'ALL')
  const payload = Object.fromEntries(
    Object.entries(found).filter(([type]) => all || wanted.includes(type)),
  )
  publish(ctx, row, payload)
}

function publish(ctx: AppContext, row: NodeRow, payload: JsonObject): void {
  const { uuid, name, instanceUuid, driver } = row
  const line = { node_uuid: uuid, node_name: name, instance_uuid: instanceUuid, payload }
  ctx.log.conductor.info(
    { event_type: `hardware.${driver ?? ''}.metrics.update`, ...line },
    'sensor data',
  )
  for (const [type, group] of Object.entries(payload)) {
    for (const [sensor, reading] of Object.entries(group as JsonObject)) {
      const value = numberOf(reading)
      if (value !== null) sensorReading.set({ node: uuid, type, sensor }, value)
    }
  }
}

/** IPMI gives `Sensor Reading: "42 (+/- 1) degrees C"`, Redfish members such as `reading_celsius`. */
function numberOf(reading: unknown): number | null {
  if (typeof reading !== 'object' || reading === null) return null
  for (const [key, value] of Object.entries(reading)) {
    if (!/reading/i.test(key)) continue
    const number = typeof value === 'number' ? value : Number.parseFloat(String(value))
    if (Number.isFinite(number)) return number
  }
  return null
}
