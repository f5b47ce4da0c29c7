import {
  getDriverProperties,
  getRaidLogicalDiskProperties,
} from '../../../conductor/operations/drivers.js'
import {
  DriverNotFound,
  Invalid,
  InvalidParameterValue,
  NotFound,
  UnsupportedDriverExtension,
} from '../../../errors.js'
import { gateOperation } from '../../contract/gate.js'
import { covers } from '../../contract/versions.js'
import { refuseDetailWithFields } from '../../fields.js'
import type { ApiRequest, Handler } from '../../request.js'
import { firstError } from '../../validation/json-schema.js'
import type { operations } from './contract.gen.js'
import { activeDrivers, requireDriver } from './queries.js'
import { driverSerializer } from './serialize.js'

export const list: Handler<operations['drivers.list']> = async (request) => {
  const { ctx, args, auth } = request
  checkFieldNames(request, args.fields)
  refuseDetailWithFields(args)
  auth.authorize('baremetal:driver:get')
  if (args.type !== undefined && args.type !== 'classic' && args.type !== 'dynamic') {
    throw new Invalid('"type" filter must be one of "classic" or "dynamic", if specified.')
  }
  const found = args.type === 'classic' ? [] : await activeDrivers(ctx)
  const detail = args.detail === true
  return { body: { drivers: found.map(driverSerializer(request, args.fields, detail)) } }
}

export const show: Handler<operations['drivers.show']> = async (request) => {
  const { ctx, args, auth } = request
  checkFieldNames(request, args.fields)
  auth.authorize('baremetal:driver:get')
  const [driver] = await activeDrivers(ctx, [args.driver_name])
  if (driver === undefined) throw new DriverNotFound(args.driver_name)
  return { body: driverSerializer(request, args.fields, true)(driver) }
}

/**
 * Names in a query are checked by schema; one that came as a path segment is not.
 * @throws InvalidParameterValue 400
 */
function checkFieldNames<O>(request: ApiRequest<O>, fields: readonly string[] | undefined): void {
  if (Object.hasOwn(request.positional, 'fields')) return
  const known = request.contract.fields('DriverField').filter((f) => covers(f, request.minor))
  const fault = firstError(fields ?? [], { items: { enum: known.map((f) => f.name) } })
  if (fault !== null) throw new InvalidParameterValue(`Schema error: ${fault}`)
}

export const properties: Handler<operations['drivers.properties']> = async (request) => {
  const { ctx, args, auth } = request
  auth.authorize('baremetal:driver:get_properties')
  await requireDriver(ctx, args.driver_name)
  return { body: getDriverProperties(ctx, args.driver_name) }
}

export const raidProperties: Handler<operations['drivers.raidProperties']> = async (request) => {
  const { ctx, args, auth } = request
  auth.authorize('baremetal:driver:get_raid_logical_disk_properties')
  gateOperation(request.operation, request.minor, 'late')
  await requireDriver(ctx, args.driver_name)
  try {
    return { body: getRaidLogicalDiskProperties(ctx, args.driver_name) }
  } catch (error) {
    // RAID is optional for a driver, so that upstream speaks of a resource that is not there.
    if (error instanceof UnsupportedDriverExtension) throw new NotFound(error.message)
    throw error
  }
}
