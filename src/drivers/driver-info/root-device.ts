import type { JsonObject } from '../../db/columns.js'
import { InvalidParameterValue } from '../../errors.js'
import { pythonRepr, pythonStr } from '../../python/repr.js'
import type { MutableNode } from '../interfaces.js'
import { isTruthy, strictBool } from './fields.js'

type HintType = 'integer' | 'string' | 'boolean'
const hintTypes: Readonly<Record<string, HintType>> = {
  size: 'integer',
  model: 'string',
  wwn: 'string',
  serial: 'string',
  vendor: 'string',
  wwn_with_extension: 'string',
  wwn_vendor_extension: 'string',
  name: 'string',
  rotational: 'boolean',
  hctl: 'string',
  by_path: 'string',
}
const operator = /^\s*(<range-in>|<all-in>|<or>|<in>|s==|s!=|s>=|s>|s<=|s<|==|!=|>=|<=|=)\s*/

/**
 * Checks the hints that choose the disk to deploy to: of the instance, else of the node.
 * @throws InvalidParameterValue (`deploy_utils.get_root_device_for_deploy`)
 */
export function validateRootDevice(node: MutableNode): void {
  const own = node.instanceInfo?.['root_device']
  const source = isTruthy(own) ? 'instance_info' : 'properties'
  const hints = isTruthy(own) ? own : node.properties?.['root_device']
  if (!isTruthy(hints)) return
  const fault = hintsFault(hints as JsonObject)
  if (fault === null) return
  throw new InvalidParameterValue(
    `Failed to validate the root device hints ${pythonRepr(hints)} (from the node's ${source}) for node ${node.uuid}: ${fault}`,
  )
}

function hintsFault(hints: JsonObject): string | null {
  const unknown = Object.keys(hints).filter((name) => hintTypes[name] === undefined)
  if (unknown.length > 0) {
    return `The hints "${unknown.join(', ')}" are invalid. Valid hints are: "${Object.keys(hintTypes).join(', ')}"`
  }
  for (const [name, expression] of Object.entries(hints)) {
    const fault = hintFault(name, expression)
    if (fault !== null) return fault
  }
  return null
}

function hintFault(name: string, expression: unknown): string | null {
  switch (hintTypes[name]) {
    case 'string':
      return typeof expression === 'string'
        ? null
        : `Root device hint "${name}" is not a string value. Hint expression: ${pythonStr(expression)}`
    case 'boolean':
      return isBoolean(expression)
        ? null
        : `Root device hint "${name}" is not a Boolean value. Current value: ${pythonStr(expression)}`
    default:
      return sizeFault(name, expression)
  }
}

function sizeFault(name: string, expression: unknown): string | null {
  const text = pythonStr(expression)
  if (operator.exec(text)?.[1] === '<range-in>') return null
  const values = text.split('<or>').map((part) => part.replace(operator, '').trim())
  for (const value of values.filter((v) => v !== '')) {
    if (!/^[+-]?\d+$/.test(value)) {
      return `Root device hint "${name}" is not an integer value. Current value: ${text}`
    }
    if (Number(value) <= 0) {
      return `Root device hint "${name}" should be a positive integer. Current value: ${text}`
    }
  }
  return null
}

function isBoolean(value: unknown): boolean {
  try {
    strictBool(value, (text) => new Error(text))
    return true
  } catch {
    return false
  }
}
