import type { AppContext } from '../../context.js'
import type { BaseInterface } from '../../drivers/interfaces.js'
import { interfaceKinds } from '../../drivers/interfaces.js'
import { NoValidDefaultForInterface } from '../../drivers/errors.js'

/**
 * What the default interfaces of a driver read of a node: name to text.
 * @throws DriverNotFound
 */
export function getDriverProperties(ctx: AppContext, driver: string): Record<string, string> {
  ctx.drivers.hardwareType(driver)
  const defaults = interfaceKinds.flatMap((kind) => {
    const found = defaultOf(ctx, driver, kind)
    return found === null ? [] : [found.properties]
  })
  return Object.assign({}, ...defaults) as Record<string, string>
}

function defaultOf(
  ctx: AppContext,
  driver: string,
  kind: (typeof interfaceKinds)[number],
): BaseInterface | null {
  try {
    return ctx.drivers.implementation(kind, ctx.drivers.defaultFor(driver, kind))
  } catch (error) {
    if (error instanceof NoValidDefaultForInterface) return null
    throw error
  }
}

/**
 * What may be said of a logical disk to a driver's default RAID interface.
 * @throws DriverNotFound
 */
export function getRaidLogicalDiskProperties(
  ctx: AppContext,
  driver: string,
): Readonly<Record<string, string>> {
  const name = ctx.drivers.defaultFor(driver, 'raid')
  return ctx.drivers.implementation('raid', name).logicalDiskProperties()
}
