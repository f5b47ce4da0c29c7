import type { JsonObject } from '../../../db/columns.js'
import { InvalidParameterValue } from '../../../errors.js'
import { pythonRepr } from '../../../python/repr.js'

/** One update asked for, and what became of it so far; kept in `redfish_fw_updates`. */
export interface FirmwareUpdate extends JsonObject {
  readonly component: string
  readonly url: string
  /** Seconds to wait after it. */
  readonly wait?: number
  readonly task_monitor?: string
  /** The machine was restarted for it. */
  readonly rebooted?: boolean
  /** When its task was first seen to have ended, or its NIC to be starting (ISO 8601). */
  readonly since?: string
  readonly starting_since?: string
  readonly version_before?: string | null
}

const known = ['component', 'url', 'wait']

/**
 * The `settings` of the step `update`.
 * @throws InvalidParameterValue
 */
export function readFirmwareSettings(argument: unknown): FirmwareUpdate[] {
  const fault = faultOf(argument)
  if (fault !== null) {
    throw new InvalidParameterValue(
      `Invalid firmware update ${pythonRepr(argument)}. Errors: ${fault}`,
    )
  }
  return (argument as FirmwareUpdate[]).map(({ component, url, wait }) => ({
    component,
    url,
    ...(wait === undefined ? {} : { wait }),
  }))
}

function faultOf(argument: unknown): string | null {
  if (!Array.isArray(argument)) return `${pythonRepr(argument)} is not of type 'array'`
  if (argument.length === 0) return '[] should be non-empty'
  return argument.map(itemFault).find((fault) => fault !== null) ?? null
}

function itemFault(item: unknown): string | null {
  if (typeof item !== 'object' || item === null)
    return `${pythonRepr(item)} is not of type 'object'`
  const { component, url, wait } = item as JsonObject
  const strange = Object.keys(item).find((key) => !known.includes(key))
  if (strange !== undefined) {
    return `Additional properties are not allowed ('${strange}' was unexpected)`
  }
  if (component === undefined) return "'component' is a required property"
  if (url === undefined) return "'url' is a required property"
  if (typeof component !== 'string' || !/^(bios|bmc|nic:.*)$/.test(component)) {
    return `${pythonRepr(component)} is not valid under any of the given schemas`
  }
  if (typeof url !== 'string' || url === '') return `${pythonRepr(url)} is not of type 'string'`
  const whole = wait === undefined || (Number.isInteger(wait) && Number(wait) >= 1)
  return whole ? null : `${pythonRepr(wait)} is less than the minimum of 1`
}
