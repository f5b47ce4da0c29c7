import { randomUUID } from 'node:crypto'
import { errorText } from '../../error-text.js'
import type { AppContext } from '../../context.js'
import type { JsonObject } from '../../db/columns.js'
import type { DriverPassthruMethod, PassthruMethod } from '../../drivers/interfaces.js'
import { InvalidParameterValue, IronicError } from '../../errors.js'
import type { Caller } from '../work/caller.js'
import { queueOf } from '../node/task.js'
import { insertTask } from '../node/writes.js'
import { ringOf } from '../cluster/ring.js'
import { announce } from '../work/tasks.js'
import { withNode } from '../node/with-node.js'

/** What a client sees of a method; a driver-level one has no `require_exclusive_lock`. */
export interface PassthruMetadata {
  readonly http_methods: readonly string[]
  readonly async: boolean
  readonly description: string
  readonly attach: boolean
  readonly require_exclusive_lock?: boolean
}

export interface PassthruAnswer {
  /** True: 202 and no body; the work goes on in the background. */
  readonly async: boolean
  /** The value is bytes or text to send as a file. */
  readonly attach: boolean
  readonly value: unknown
}

/** The vendor methods of a node, by name. */
export async function listNodeVendorMethods(
  ctx: AppContext,
  caller: Caller,
  nodeUuid: string,
): Promise<Record<string, PassthruMetadata>> {
  const options = { purpose: 'listing vendor passthru methods', shared: true }
  return await withNode(ctx, caller, nodeUuid, options, async (task) => {
    await Promise.resolve()
    return mapMethods(task.driver.vendor.nodeMethods, (method) => ({
      ...metadata(method),
      require_exclusive_lock: method.requireExclusiveLock,
    }))
  })
}

/**
 * The driver-level vendor methods of a driver's default vendor interface.
 * @throws DriverNotFound
 */
export function listDriverVendorMethods(
  ctx: AppContext,
  driver: string,
): Record<string, PassthruMetadata> {
  return mapMethods(driverMethods(ctx, driver), metadata)
}

/**
 * Calls a vendor method of a node.
 * @throws NodeLocked, InvalidParameterValue for a method or verb that does not exist, and what
 *   the method throws
 */
export async function callNodeVendorMethod(
  ctx: AppContext,
  caller: Caller,
  nodeUuid: string,
  name: string,
  httpMethod: string,
  args: JsonObject,
): Promise<PassthruAnswer> {
  const options = { purpose: 'calling vendor passthru', shared: true }
  return await withNode(ctx, caller, nodeUuid, options, async (task) => {
    const verb = httpMethod.toUpperCase()
    const method = methodFor(task.driver.vendor.nodeMethods, name, verb)
    if (method.requireExclusiveLock) await task.upgrade('calling vendor passthru')
    await task.driver.vendor.validateMethod(task, name, args)
    if (method.async) {
      await task.spawn(method.requireExclusiveLock ? 'vendor_passthru' : 'vendor_passthru_shared', {
        method: name,
        verb,
        args,
      })
      return { async: true, attach: method.attach, value: null }
    }
    const value = await asVendorError(() => method.run(task, args, verb))
    if (!task.shared) await task.save()
    return { async: false, attach: method.attach, value }
  })
}

/**
 * Calls a driver-level vendor method.
 * @throws DriverNotFound, InvalidParameterValue, Unavailable, and what the method throws
 */
export async function callDriverVendorMethod(
  ctx: AppContext,
  caller: Caller,
  driver: string,
  name: string,
  httpMethod: string,
  args: JsonObject,
): Promise<PassthruAnswer> {
  const verb = httpMethod.toUpperCase()
  const method = methodFor(driverMethods(ctx, driver), name, verb)
  if (!method.async) {
    const value = await asVendorError(() => method.run(args, verb, caller.signal, ctx))
    return { async: false, attach: method.attach, value }
  }
  const task = {
    id: randomUUID(),
    kind: 'driver_vendor_passthru',
    args: { driver, method: name, verb, args },
    queue: queueOf({ conductorGroup: await ringOf(ctx).groupFor(driver), driver }),
    caller,
    node: null,
  }
  await insertTask(ctx, task)
  announce(ctx, task.queue, task.id)
  return { async: true, attach: method.attach, value: null }
}

/** @throws DriverNotFound, Invalid (NoValidDefaultForInterface) */
export function driverMethods(
  ctx: AppContext,
  driver: string,
): Readonly<Record<string, DriverPassthruMethod>> {
  return ctx.drivers.implementation('vendor', ctx.drivers.defaultFor(driver, 'vendor'))
    .driverMethods
}

function methodFor<M extends { readonly httpMethods: readonly string[] }>(
  methods: Readonly<Record<string, M>>,
  name: string,
  verb: string,
): M {
  const method = Object.hasOwn(methods, name) ? methods[name] : undefined
  if (method === undefined) throw new InvalidParameterValue(`No handler for method ${name}`)
  if (!method.httpMethods.includes(verb)) {
    throw new InvalidParameterValue(`The method ${name} does not support HTTP ${verb}`)
  }
  return method
}

/** What is no error of ours becomes upstream's VendorPassthruException: a 500 with its text. */
export async function asVendorError<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof IronicError) throw error
    const text = errorText(error)
    throw new IronicError(text, { status: 500, cause: error })
  }
}

const metadata = (
  method: Omit<PassthruMethod | DriverPassthruMethod, 'run'>,
): PassthruMetadata => ({
  http_methods: method.httpMethods,
  async: method.async,
  description: method.description,
  attach: method.attach,
})

const mapMethods = <M>(
  methods: Readonly<Record<string, M>>,
  show: (method: M) => PassthruMetadata,
): Record<string, PassthruMetadata> =>
  Object.fromEntries(Object.entries(methods).map(([name, method]) => [name, show(method)]))
