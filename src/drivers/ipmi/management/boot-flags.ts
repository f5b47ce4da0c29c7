import { bootSelectors } from '../../../protocols/ipmi/commands/boot.js'
import { InvalidParameterValue } from '../../../errors.js'
import { pythonStr } from '../../../python/repr.js'
import { bootMode } from '../../driver-info/boot-mode.js'
import { isTruthy, lenientBool } from '../../driver-info/fields.js'
import type { BootDevice, Task } from '../../interfaces.js'
import { dropInfo, infoOf, setInfo } from '../../internal-info.js'
import { ipmiEngine } from '../choose-engine.js'
import { disableTimeoutBytes } from '../names.js'

const selectors: Readonly<Record<string, number>> = {
  pxe: bootSelectors.pxe,
  disk: bootSelectors.disk,
  cdrom: bootSelectors.cdrom,
  bios: bootSelectors.bios,
  safe: bootSelectors.safe,
}
export const ipmiBootDevices: readonly string[] = Object.keys(selectors)

/**
 * Sets what the machine boots from. With `ipmi_force_boot_device` the BMC is always told for one
 * time only, and told again before every start (`restoreBootDevice`).
 * @throws InvalidParameterValue, MissingParameterValue, IPMIFailure
 */
export async function setBootDevice(
  task: Task,
  device: string,
  persistent: boolean,
): Promise<void> {
  if (selectors[device] === undefined) {
    throw new InvalidParameterValue(`Invalid boot device ${device} specified.`)
  }
  const forced = isForced(task)
  if (forced) await remember(task, device, persistent)
  await tellBmc(task, device, persistent && !forced)
}

async function tellBmc(task: Task, device: string, persistent: boolean): Promise<void> {
  const engine = ipmiEngine(task)
  if (disablesTimeout(task)) await engine.raw(disableTimeoutBytes, true)
  const uefi = bootMode(task) === 'uefi'
  const own = uefi && device === 'disk' && hasOwnDiskSelector(task)
  const selector = own ? bootSelectors.remoteDisk : (selectors[device] ?? bootSelectors.none)
  await engine.setBootDevice({ device, selector, persistent, uefi })
}

function disablesTimeout(task: Task): boolean {
  const own = task.node.driverInfo?.['ipmi_disable_boot_timeout']
  const unset = own === undefined || own === null
  return unset ? task.ctx.config.ipmi.disable_boot_timeout : lenientBool(own)
}

const isForced = (task: Task): boolean =>
  lenientBool(task.node.driverInfo?.['ipmi_force_boot_device'] ?? false)

/** Supermicro's UEFI takes another selector for the disk. */
export function hasOwnDiskSelector(task: Task): boolean {
  const vendor = task.node.properties?.['vendor']
  return isTruthy(vendor) && pythonStr(vendor).toLowerCase() === 'supermicro'
}

async function remember(task: Task, device: string, persistent: boolean): Promise<void> {
  if (persistent) {
    dropInfo(task.node, ['is_next_boot_persistent'])
    setInfo(task.node, { persistent_boot_device: device })
  } else {
    setInfo(task.node, { is_next_boot_persistent: false })
  }
  await task.save()
}

/**
 * Before the machine starts: tells the BMC again what it could not remember
 * (`driver_utils.ensure_next_boot_device`).
 */
export async function restoreBootDevice(task: Task): Promise<void> {
  if (!isForced(task) || !task.driver.management.name.endsWith('ipmitool')) return
  const info = infoOf(task.node)
  if (info['is_next_boot_persistent'] === false) {
    dropInfo(task.node, ['is_next_boot_persistent'])
    await task.save()
    return
  }
  const device = info['persistent_boot_device']
  if (typeof device === 'string' && device !== '') {
    await tellBmc(task, device, false)
  }
}

/** @throws InvalidParameterValue, MissingParameterValue, IPMIFailure */
export async function getBootDevice(task: Task): Promise<BootDevice> {
  const engine = ipmiEngine(task)
  const info = infoOf(task.node)
  const remembered = info['persistent_boot_device']
  const holds = info['is_next_boot_persistent'] ?? true
  if (isForced(task) && isTruthy(remembered) && isTruthy(holds)) {
    return { boot_device: pythonStr(remembered), persistent: true }
  }
  return await engine.bootDevice()
}
