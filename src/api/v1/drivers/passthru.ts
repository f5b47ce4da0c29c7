import {
  callDriverVendorMethod,
  listDriverVendorMethods,
} from '../../../conductor/operations/vendor.js'
import { ramdiskDriverMethods } from '../../auth/public-paths.js'
import type { Handler } from '../../request.js'
import { vendorAnswer, vendorArguments } from '../nodes/vendor/answer.js'
import { requireEnabled } from '../ramdisk/handlers.js'
import type { operations } from './contract.gen.js'
import { requireDriver } from './queries.js'

const rule = 'baremetal:driver:vendor_passthru'

export const methods: Handler<operations['drivers.vendorMethods']> = async (request) => {
  const { ctx, args, auth } = request
  auth.authorize(rule)
  await requireDriver(ctx, args.driver_name)
  return { body: listDriverVendorMethods(ctx, args.driver_name) }
}

export const call: Handler<operations['drivers.vendorCall']> = async (request) => {
  const { ctx, caller, args, auth, method } = request
  if (ramdiskDriverMethods.has(args.method)) {
    requireEnabled(request, `/v1/drivers/${args.driver_name}/vendor_passthru/${args.method}`)
    auth.authorize('baremetal:driver:ipa_lookup')
  } else {
    auth.authorize(rule)
  }
  await requireDriver(ctx, args.driver_name)
  const data = vendorArguments(request.body)
  return vendorAnswer(
    await callDriverVendorMethod(ctx, caller, args.driver_name, args.method, method, data),
  )
}
