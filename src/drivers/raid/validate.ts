import type { JsonObject } from '../../db/columns.js'
import { InvalidParameterValue } from '../../errors.js'
import { pythonRepr } from '../../python/repr.js'
import type { LogicalDiskProperty } from './schema.js'
import { logicalDiskSchema } from './schema.js'

/** A fault in the words of Python's jsonschema, or null. */
type Fault = string | null

const isObject = (v: unknown): v is JsonObject =>
  typeof v === 'object' && v !== null && !Array.isArray(v)

/**
 * Checks a RAID configuration: the schema first, then that there is one root volume at most.
 * @throws InvalidParameterValue with upstream's texts (`common/raid.py`)
 */
export function validateRaidConfiguration(config: JsonObject): void {
  const fault = configFault(config)
  if (fault !== null) throw new InvalidParameterValue(`RAID config validation error: ${fault}`)
  const disks = config['logical_disks'] as JsonObject[]
  const roots = disks.filter((d) => d['is_root_volume'] === true).length
  if (roots > 1) {
    throw new InvalidParameterValue(
      `Raid config cannot have more than one root volume. ${roots} root volumes were specified`,
    )
  }
}

/**
 * Several faults may stand side by side; jsonschema names the one nearest to the top, and an
 * `anyOf` after the others.
 */
function configFault(config: JsonObject): Fault {
  const disks = config['logical_disks']
  const extra = Object.keys(config).filter((k) => k !== 'logical_disks')
  if (disks === undefined) return "'logical_disks' is a required property"
  if (extra.length > 0) return unexpected(extra)
  if (!Array.isArray(disks)) return wrongType(disks, 'array')
  if (disks.length === 0) return '[] should be non-empty'
  return (
    firstFault(disks, diskFault) ??
    firstFault(disks, (disk) => valueFault(disk as JsonObject, false)) ??
    firstFault(disks, (disk) => valueFault(disk as JsonObject, true))
  )
}

function diskFault(disk: unknown): Fault {
  if (!isObject(disk)) return wrongType(disk, 'object')
  for (const key of ['raid_level', 'size_gb']) {
    if (disk[key] === undefined) return `'${key}' is a required property`
  }
  const extra = Object.keys(disk).filter((k) => logicalDiskSchema[k] === undefined)
  if (extra.length > 0) return unexpected(extra)
  return disk['physical_disks'] !== undefined && disk['controller'] === undefined
    ? "'controller' is a dependency of 'physical_disks'"
    : null
}

const isAnyOf = ({ type }: LogicalDiskProperty): boolean => type === 'size' || type === 'disks'

function valueFault(disk: JsonObject, anyOf: boolean): Fault {
  return firstFault(Object.entries(logicalDiskSchema), ([key, property]) =>
    disk[key] === undefined || isAnyOf(property) !== anyOf
      ? null
      : propertyFault(disk[key], property),
  )
}

function propertyFault(value: unknown, property: LogicalDiskProperty): Fault {
  switch (property.type) {
    case 'boolean':
      return typeof value === 'boolean' ? null : wrongType(value, 'boolean')
    case 'string':
      return stringFault(value, property.values)
    case 'integer':
      if (!Number.isInteger(value)) return wrongType(value, 'integer')
      return Number(value) > 0
        ? null
        : `${pythonRepr(value)} is less than or equal to the minimum of 0`
    case 'size':
      return sizeFault(value)
    case 'disks':
      return disksFault(value)
  }
}

const noSchema = (value: unknown): string =>
  `${pythonRepr(value)} is not valid under any of the given schemas`

function sizeFault(value: unknown): Fault {
  if (typeof value === 'string') return stringFault(value, ['MAX'])
  if (!Number.isInteger(value)) return noSchema(value)
  return Number(value) >= 0 ? null : `${pythonRepr(value)} is less than the minimum of 0`
}

function disksFault(value: unknown): Fault {
  if (!Array.isArray(value)) return noSchema(value)
  if (value.every((d) => typeof d === 'string')) return null
  if (!value.every(isObject)) return noSchema(value)
  return value.length >= 2 ? null : wrongType(value[0], 'string')
}

function stringFault(value: unknown, values: readonly string[] | undefined): Fault {
  if (typeof value !== 'string') return wrongType(value, 'string')
  return values === undefined || values.includes(value)
    ? null
    : `${pythonRepr(value)} is not one of ${pythonRepr(values)}`
}

const wrongType = (value: unknown, type: string): string =>
  `${pythonRepr(value)} is not of type '${type}'`

const unexpected = (keys: readonly string[]): string =>
  `Additional properties are not allowed (${keys.map(pythonRepr).join(', ')} ${keys.length === 1 ? 'was' : 'were'} unexpected)`

function firstFault<T>(items: readonly T[], check: (item: T) => Fault): Fault {
  for (const item of items) {
    const fault = check(item)
    if (fault !== null) return fault
  }
  return null
}
