import type { JsonObject } from '../../db/columns.js'
import { InvalidParameterValue } from '../../errors.js'
import { pythonStr } from '../../python/repr.js'
import type { MutableNode } from '../interfaces.js'
import { isTruthy } from './fields.js'

const allowed: Readonly<Record<string, readonly string[]>> = {
  boot_mode: ['bios', 'uefi'],
  secure_boot: ['true', 'false'],
  disk_label: ['msdos', 'gpt'],
}

/** The well-formed pairs of `properties.capabilities` ("a:b,c:d"); malformed ones are ignored. */
export function nodeCapabilities(node: Pick<MutableNode, 'properties'>): Record<string, string> {
  const text = node.properties?.['capabilities']
  if (typeof text !== 'string') return {}
  const pairs = text.split(',').map((item) => item.split(':'))
  const found: Record<string, string> = {}
  for (const [key, value, ...more] of pairs) {
    if (!key || !value || more.length > 0) continue
    found[key.trim()] ??= value.trim()
  }
  return found
}

/**
 * `instance_info.capabilities`: an object, or one written as a JSON string as Nova does.
 * @throws InvalidParameterValue
 */
export function instanceCapabilities(node: Pick<MutableNode, 'instanceInfo' | 'uuid'>): JsonObject {
  const value = parsed(node.instanceInfo?.['capabilities'] ?? {})
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as JsonObject
  }
  throw new InvalidParameterValue(
    `Error parsing capabilities from Node ${node.uuid} instance_info field. A dictionary or a "jsonified" dictionary is expected.`,
  )
}

function parsed(value: unknown): unknown {
  if (typeof value !== 'string') return value
  try {
    return JSON.parse(value)
  } catch {
    return null
  }
}

/**
 * Checks the capabilities Ironic acts on (`deploy_utils.validate_capabilities`).
 * @throws InvalidParameterValue
 */
export function validateCapabilities(node: MutableNode): void {
  for (const [name, values] of Object.entries(allowed)) {
    check(name, nodeCapabilities(node)[name], values, 'properties/capabilities')
    check(name, instanceCapabilities(node)[name], values, "instance_info['capabilities']")
  }
}

function check(name: string, value: unknown, values: readonly string[], field: string): void {
  if (!isTruthy(value) || values.includes(pythonStr(value))) return
  throw new InvalidParameterValue(
    `The parameter '${name}' from ${field} has an invalid value: '${pythonStr(value)}'. Acceptable values are: ${values.join(', ')}.`,
  )
}
