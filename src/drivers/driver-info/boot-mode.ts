import { InvalidParameterValue } from '../../errors.js'
import { pythonStr } from '../../python/repr.js'
import type { Task } from '../interfaces.js'
import { instanceCapabilities, nodeCapabilities } from './capabilities.js'
import { isTruthy } from './fields.js'

/** Whether the instance asks for secure boot. @throws InvalidParameterValue */
export const wantsSecureBoot = (node: Task['node']): boolean =>
  pythonStr(instanceCapabilities(node)['secure_boot'] ?? 'false').toLowerCase() === 'true'

/**
 * The boot mode the instance or the node asks for (`boot_mode_utils.get_boot_mode_for_deploy`).
 * @returns `uefi`, `bios`, or null when nobody says
 * @throws InvalidParameterValue when instance and node contradict each other
 */
export function requestedBootMode(node: Task['node']): string | null {
  if (wantsSecureBoot(node)) return 'uefi'
  const own = nodeCapabilities(node)['boot_mode']
  const mode = [
    instanceCapabilities(node)['boot_mode'],
    node.instanceInfo?.['deploy_boot_mode'],
    own,
    node.driverInternalInfo?.['deploy_boot_mode'],
  ].find(isTruthy)
  if (mode === undefined) return null
  const wanted = pythonStr(mode).toLowerCase()
  if (isTruthy(own) && pythonStr(own).toLowerCase() !== wanted) {
    throw new InvalidParameterValue(
      `Node ${node.uuid} boot mode ${wanted} violates node properties/capabilities ${pythonStr(own).toLowerCase()}`,
    )
  }
  return wanted
}

/** The boot mode of a deployment. @throws InvalidParameterValue */
export const bootMode = (task: Task): string =>
  requestedBootMode(task.node) ?? task.ctx.config.deploy.default_boot_mode

/** The partition table a partition image gets, or null. @throws InvalidParameterValue */
export function diskLabel(task: Task): string | null {
  const label = instanceCapabilities(task.node)['disk_label']
  if (isTruthy(label)) return pythonStr(label)
  return bootMode(task) === 'uefi' ? 'gpt' : null
}
