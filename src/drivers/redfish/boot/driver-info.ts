import { InvalidParameterValue, MissingParameterValue } from '../../../errors.js'
import { pythonStr } from '../../../python/repr.js'
import {
  checkDownloadSource,
  isServedElsewhere,
  type DownloadSource,
} from '../../boot/media/remote-image.js'
import { placeOf } from '../../boot/media/publish.js'
import { appendParameters } from '../../boot/network/kernel-parameters.js'
import { requireRamdiskImages, UnmanagedInspection } from '../../boot/network/validate.js'
import { isTruthy, requireParams } from '../../driver-info/fields.js'
import { agentKernelRamdisk, skipsAutomatedCleaning } from '../../driver-info/ramdisk.js'
import type { RamdiskMode } from '../../driver-info/ramdisk.js'
import type { Task } from '../../interfaces.js'
import { parseRedfishInfo } from '../driver-info.js'

/** What the boot interfaces by Redfish read of a node, and check (`redfish/boot.py`). */

const rescueStates = new Set([
  'rescuing',
  'rescue wait',
  'rescue failed',
  'unrescuing',
  'unrescue failed',
])
const ramdiskStates = new Set([
  ...['deploying', 'wait call-back', 'cleaning', 'clean wait', 'rescuing', 'rescue wait'],
  ...['inspecting', 'inspect wait', 'servicing', 'service wait'],
])

/** The ramdisk that a node would boot in its state. */
export const ramdiskMode = ({ node }: Task): RamdiskMode =>
  rescueStates.has(node.provisionState) ? 'rescue' : 'deploy'

/** Whether a ramdisk is about to boot: a take-over must leave the media of a machine in use alone. */
export const needsRamdisk = ({ node }: Task): boolean => ramdiskStates.has(node.provisionState)

/** The ready-made ISO image of the agent, or null. */
export function agentIso({ node }: Task, mode: RamdiskMode): string | null {
  const info = node.driverInfo ?? {}
  const iso = [info[`${mode}_iso`], info[`redfish_${mode}_iso`]].find(isTruthy)
  return iso === undefined ? null : pythonStr(iso)
}

/** Whether the agent's parameters go on a virtual USB stick or floppy. */
export function usesRemovable({ node }: Task): boolean {
  const { config_via_removable: removable, config_via_floppy: floppy } = node.driverInfo ?? {}
  return isTruthy(removable ?? floppy)
}

/** How the BMC gets the agent's ISO image. */
export const agentSource = ({ ctx }: Task): DownloadSource =>
  ctx.config.deploy.ramdisk_image_download_source as DownloadSource

/** How the BMC gets an instance's ISO image. @throws InvalidParameterValue for an unknown source */
export function instanceSource(task: Task): DownloadSource {
  const own = task.node.instanceInfo?.['ramdisk_image_download_source']
  if (!isTruthy(own)) return agentSource(task)
  if (own === 'http' || own === 'local' || own === 'swift') return own
  throw new InvalidParameterValue(
    `Invalid ramdisk_image_download_source ${pythonStr(own)}. Valid values are: http, local, swift.`,
  )
}

/** @throws MissingParameterValue, InvalidParameterValue */
export function validateAgentDisc(task: Task, mode: RamdiskMode): void {
  const { node, ctx } = task
  const direct = mode === 'deploy' && task.driver.deploy.name === 'ramdisk'
  if (direct && skipsAutomatedCleaning(node, ctx.config)) return
  const iso = agentIso(task, mode)
  if (iso === null) {
    const { kernel, ramdisk } = agentKernelRamdisk(task, mode)
    requireParams(
      { [`${mode}_kernel`]: kernel, [`${mode}_ramdisk`]: ramdisk },
      "Error validating Redfish virtual media. Some parameters were missing in node's driver_info",
    )
    appendParameters(task, ctx.config.redfish.kernel_append_params)
  }
  requirePlace(task, iso, agentSource(task))
  parseRedfishInfo(task)
}

/** @throws MissingParameterValue, InvalidParameterValue */
export async function validateInstanceDisc(task: Task): Promise<void> {
  if (task.driver.deploy.name !== 'ramdisk') return
  if (!(await task.driver.storage.shouldWriteImage(task))) return
  requireRamdiskImages(task)
  const iso = task.node.instanceInfo?.['boot_iso']
  requirePlace(task, isTruthy(iso) ? pythonStr(iso) : null, instanceSource(task))
}

/** A disc that this service must publish needs a place the BMC can reach. */
function requirePlace(task: Task, iso: string | null, source: DownloadSource): void {
  if (iso !== null) checkDownloadSource(iso, source)
  if (iso !== null && isServedElsewhere(iso, source)) return
  if (task.ctx.config.redfish.use_swift) {
    throw new InvalidParameterValue(
      'Publishing images in Swift ([redfish] use_swift) is not supported. Unset it to publish them under [deploy] http_root.',
    )
  }
  placeOf(task, 'HTTP')
}

/** @throws UnmanagedInspection when the agent cannot be booted for want of parameters */
export function validateManagedInspection(task: Task): void {
  try {
    validateAgentDisc(task, 'deploy')
  } catch (error) {
    if (!(error instanceof MissingParameterValue)) throw error
    throw new UnmanagedInspection(error.message)
  }
}
