import type { AppContext } from '../../context.js'
import type { BootDevice } from '../../drivers/interfaces.js'
import type { Caller } from '../work/caller.js'
import { withNode } from '../node/with-node.js'

/**
 * Sets the device a node boots from.
 * @throws NodeLocked, Invalid
 */
export async function setBootDevice(
  ctx: AppContext,
  caller: Caller,
  nodeUuid: string,
  device: string,
  persistent: boolean,
): Promise<void> {
  await withNode(ctx, caller, nodeUuid, { purpose: 'setting boot device' }, async (task) => {
    const { management } = task.driver
    await management.validate(task)
    await management.setBootDevice(task, device, persistent)
    await task.save()
  })
}

/**
 * The device a node boots from, read from the hardware.
 * @throws NodeLocked, Invalid
 */
export async function getBootDevice(
  ctx: AppContext,
  caller: Caller,
  nodeUuid: string,
): Promise<BootDevice> {
  return await withNode(ctx, caller, nodeUuid, { purpose: 'getting boot device' }, async (task) => {
    const { management } = task.driver
    await management.validate(task)
    return await management.getBootDevice(task)
  })
}

/** The devices a node can boot from. Needs no lock and no valid driver_info. */
export async function getSupportedBootDevices(
  ctx: AppContext,
  caller: Caller,
  nodeUuid: string,
): Promise<string[]> {
  const options = { purpose: 'getting supported boot devices', shared: true }
  return await withNode(ctx, caller, nodeUuid, options, (task) =>
    task.driver.management.supportedBootDevices(task),
  )
}
