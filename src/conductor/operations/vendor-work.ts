import type { JsonObject } from '../../db/columns.js'
import type { NodeWork, PlainWork } from '../work/types.js'
import { heartbeatFlow } from '../ramdisk/heartbeat-flow.js'
import type { NodeTask } from '../node/task.js'
import { asVendorError, driverMethods } from './vendor.js'

interface PassthruArgs {
  readonly method: string
  readonly verb: string
  readonly args: JsonObject
}

async function runMethod(task: NodeTask, args: JsonObject): Promise<void> {
  const { method: name, verb, args: given } = args as unknown as PassthruArgs
  if (task.attempt > 1) {
    // Nobody knows how far it got, and a vendor's method need not bear being run twice.
    throw new Error(`the vendor method ${name} was interrupted and was not run again`)
  }
  const method = task.driver.vendor.nodeMethods[name]
  if (method === undefined) throw new Error(`No handler for method ${name}`)
  await asVendorError(() => method.run(task, given, verb))
  if (method.resumes === true) await heartbeatFlow(task)
}

/** A method that holds the lock. */
export const vendorWork: NodeWork = { lock: 'handed', method: 'vendor_passthru', run: runMethod }
/** A method that does without. */
export const sharedVendorWork: NodeWork = { ...vendorWork, lock: 'shared' }

export const driverVendorWork: PlainWork = {
  lock: 'none',
  method: 'driver_vendor_passthru',
  async run(ctx, caller, args) {
    const {
      driver,
      method: name,
      verb,
      args: given,
    } = args as unknown as PassthruArgs & {
      driver: string
    }
    const method = driverMethods(ctx, driver)[name]
    if (method === undefined) throw new Error(`No handler for method ${name}`)
    await asVendorError(() => method.run(given, verb, caller.signal, ctx))
  },
}
