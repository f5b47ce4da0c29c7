/** What the deploy ramdisk of 2015 is told on its kernel command line (docs/reference/boot-deploy.md, K.2). */
import { randomInt } from 'node:crypto'
import type { JsonObject } from '../../../db/columns.js'
import { pythonStr } from '../../../python/repr.js'
import { apiUrl } from '../../api-url.js'
import { instanceCapabilities } from '../../driver-info/capabilities.js'
import { requestedBootMode } from '../../driver-info/boot-mode.js'
import { isTruthy } from '../../driver-info/fields.js'
import { infoOf } from '../../internal-info.js'
import type { Task } from '../../interfaces.js'

const alphanumeric = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/** A new key for each attempt: what a ramdisk of before knows is worth nothing. */
export function newDeployKey(task: Task): void {
  const key = Array.from({ length: 32 }, () => alphanumeric[randomInt(alphanumeric.length)]).join(
    '',
  )
  task.node.instanceInfo = { ...task.node.instanceInfo, deploy_key: key }
}

export const isWholeDisk = ({ node }: Task): boolean => Boolean(infoOf(node)['is_whole_disk_image'])

/** Whether the instance's boot loader is on its own disk. @throws InvalidParameterValue */
export const bootsLocally = ({ node }: Task): boolean =>
  pythonStr(instanceCapabilities(node)['boot_option'] ?? 'netboot') === 'local'

/** BIOS where nothing is said, as in 2015. @throws InvalidParameterValue */
export const classicBootMode = ({ node }: Task): 'bios' | 'uefi' =>
  requestedBootMode(node) === 'uefi' ? 'uefi' : 'bios'

/** In upstream's order. @throws InvalidParameterValue */
export function ramdiskParameters(task: Task): JsonObject {
  const { node, ctx } = task
  const api = apiUrl(ctx)
  const hints = rootDevice(task)
  return {
    disk: ctx.config.pxe.disk_devices,
    iscsi_target_iqn: `iqn.2008-10.org.openstack:${node.uuid}`,
    deployment_id: node.uuid,
    deployment_key: node.instanceInfo?.['deploy_key'],
    ironic_api_url: api,
    boot_option: isWholeDisk(task) || !bootsLocally(task) ? 'netboot' : 'local',
    ...(hints === null ? {} : { root_device: hints }),
    'ipa-api-url': api,
    'ipa-driver-name': node.driver,
    boot_mode: classicBootMode(task),
    'coreos.configdrive': 0,
  }
}

/** `size=20,model=some%20disk`: the ramdisk decodes and compares. */
function rootDevice({ node }: Task): string | null {
  const own = node.instanceInfo?.['root_device']
  const hints = isTruthy(own) ? own : node.properties?.['root_device']
  if (!isTruthy(hints) || typeof hints !== 'object' || hints === null) return null
  return Object.entries(hints)
    .map(([key, value]) => `${key}=${encodeURIComponent(pythonStr(value))}`)
    .join(',')
}
