import { errorName } from './errors.js'
import { bootMode } from './driver-info/boot-mode.js'
import type { Task } from './interfaces.js'

/**
 * Sets the boot device (`conductor/utils.py`, node_set_boot_device). A machine that is being
 * adopted is left as it is.
 * @throws what the management interface throws
 */
export async function setBootDevice(
  task: Task,
  device: string,
  persistent: boolean,
): Promise<void> {
  const { management } = task.driver
  await management.validate(task)
  if (task.node.provisionState === 'adopting') return
  await management.setBootDevice(task, device, persistent)
}

/**
 * The same, but IPMI may fail on a machine with UEFI, where some firmware cannot be told
 * (`deploy_utils.try_set_boot_device`).
 * @throws what the management interface throws
 */
export async function trySetBootDevice(
  task: Task,
  device: string,
  persistent: boolean,
): Promise<void> {
  try {
    await setBootDevice(task, device, persistent)
  } catch (error) {
    if (errorName(error) !== 'IPMIFailure' || bootMode(task) !== 'uefi') throw error
    task.ctx.log.boot.warn(
      { node: task.node.uuid, error },
      'the boot device could not be set by IPMI; with UEFI it has to be set by hand',
    )
  }
}

/**
 * Lets the machine boot from its disk from now on (`drivers/modules/agent.py`, set_boot_to_disk).
 * Lenovo's firmware with UEFI loses boot entries over it and keeps its order.
 */
export async function setBootToDisk(task: Task): Promise<void> {
  const { node } = task
  const vendor = node.properties?.['vendor']
  const lenovo = typeof vendor === 'string' && vendor.toLowerCase() === 'lenovo'
  if (lenovo && bootMode(task) === 'uefi') return
  const persistent = node.driverInfo?.['force_persistent_boot_device'] !== 'Never'
  await trySetBootDevice(task, 'disk', persistent)
}
