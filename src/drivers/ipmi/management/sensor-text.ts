import type { JsonObject } from '../../../db/columns.js'

const typeKeys = ['Sensor Type (Analog)', 'Sensor Type (Discrete)', 'Sensor Type (Threshold)']

/** The lines `Key: Value` of a block; those with more or fewer colons are left out, as upstream does. */
function fieldsOf(block: string): Record<string, string> {
  const pairs = block
    .split('\n')
    .filter((line) => !line.startsWith('<<'))
    .map((line) => line.split(':'))
    .filter((parts) => parts.length === 2)
  return Object.fromEntries(pairs.map(([key = '', value = '']) => [key.trim(), value.trim()]))
}

/** Groups sensors by the first word of their type; those without a reading say nothing. */
export function groupSensors(sensors: readonly Readonly<Record<string, string>>[]): JsonObject {
  const byType: Record<string, JsonObject> = {}
  for (const sensor of sensors) {
    const key = typeKeys.find((name) => sensor[name] !== undefined)
    const id = sensor['Sensor ID']
    if (key === undefined || id === undefined || sensor['Sensor Reading'] === undefined) continue
    const type = sensor[key]?.split(' ')[0] ?? ''
    byType[type] = { ...byType[type], [id]: { ...sensor } }
  }
  return byType
}

/** Reads what `ipmitool sdr -v` prints (docs/reference/drivers.md, E.5). */
export const parseSensorText = (text: string): JsonObject =>
  groupSensors(text.split('\n\n').map(fieldsOf))
