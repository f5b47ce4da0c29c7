import { Invalid } from '../../../../errors.js'
import { isObject } from '../../../validation/json-schema.js'
import { errorReport } from '../../../validation/error-report.js'
import type { ProvisionCall } from './call.js'

/** The config drive of a request; an empty text or object is none. */
export function givenDrive(
  drive: ProvisionCall['configdrive'] | undefined,
): ProvisionCall['configdrive'] {
  if (drive === undefined || drive === null || drive === '') return null
  return typeof drive === 'object' && Object.keys(drive).length === 0 ? null : drive
}

/** The alphabet of base64, and the blanks that are common in it. */
const base64Text = /^[A-Za-z0-9+/=\n\r\t ]*$/

/**
 * Where a config drive may be given, and its form.
 * @param known whether the version knows a feature of the contract
 * @throws Invalid 400
 */
export function checkConfigDrive(call: ProvisionCall, known: (feature: string) => boolean): void {
  const { configdrive: drive, target, request } = call
  if (drive === null) return
  const targets = known('rebuild_configdrive') ? ['active', 'rebuild'] : ['active']
  if (!targets.includes(target)) {
    throw new Invalid(
      `Adding a config drive is only supported when setting provision state to ${targets.join(', ')}`,
    )
  }
  const report = errorReport(drive, request.contract.schema('ConfigDrive'))
  if (report !== null) throw new Invalid(`Invalid configdrive format: ${report}`)
  if (isObject(drive)) checkObject(drive, known)
  else if (!drive.includes('://') && !base64Text.test(drive)) {
    throw new Invalid(
      'Invalid configdrive format: it is neither a JSON, nor a URL, nor a base64 string',
    )
  }
}

function checkObject(
  drive: Readonly<Record<string, unknown>>,
  known: (feature: string) => boolean,
): void {
  if (!known('configdrive_object')) {
    throw new Invalid(
      'Providing a JSON object for configdrive is only supported starting with API version 1.56',
    )
  }
  if (Object.hasOwn(drive, 'vendor_data') && !known('configdrive_vendor_data')) {
    throw new Invalid(
      'Providing vendor_data in configdrive is only supported starting with API version 1.59',
    )
  }
}
