import type { JsonObject } from '../../db/columns.js'
import { MissingParameterValue } from '../../errors.js'
import { isTruthy, requireParams } from '../driver-info/fields.js'
import { agentKernelRamdisk, skipsAutomatedCleaning } from '../driver-info/ramdisk.js'
import type { RamdiskMode } from '../driver-info/ramdisk.js'
import { parseRedfishInfo } from '../driver-info/redfish.js'
import type { BootInterface } from '../interfaces.js'
import { refuse } from '../support.js'
import type { Task } from '../task.js'
import { requireRamdiskImages, UnmanagedInspection } from './network/validate.js'

const properties = {
  deploy_kernel: 'URL or Glance UUID of the deployment kernel. Required if deploy_iso is not set.',
  deploy_ramdisk:
    'URL or Glance UUID of the ramdisk that is mounted at boot time. Required if deploy_iso is not set.',
  deploy_iso:
    'URL or Glance UUID of the deployment ISO to use. Required if deploy_kernel/deploy_ramdisk are not set.',
}
const rescueStates = new Set([
  'rescuing',
  'rescue wait',
  'rescue failed',
  'unrescuing',
  'unrescue failed',
])

/** Checks that there is an ISO, or a kernel and a ramdisk to build one of. */
function validateDriverInfo(task: Task, mode: RamdiskMode): void {
  const { node, ctx } = task
  const direct = mode === 'deploy' && task.driver.deploy.name === 'ramdisk'
  if (direct && skipsAutomatedCleaning(node, ctx.config)) return
  const info: JsonObject = node.driverInfo ?? {}
  if (!isTruthy(info[`${mode}_iso`]) && !isTruthy(info[`redfish_${mode}_iso`])) {
    const { kernel, ramdisk } = agentKernelRamdisk(task, mode)
    requireParams(
      { [`${mode}_kernel`]: kernel, [`${mode}_ramdisk`]: ramdisk },
      "Error validating Redfish virtual media. Some parameters were missing in node's driver_info",
    )
  }
  parseRedfishInfo(task)
}

async function validate(task: Task): Promise<void> {
  validateDriverInfo(task, rescueStates.has(task.node.provisionState) ? 'rescue' : 'deploy')
  if (task.driver.deploy.name !== 'ramdisk') return
  if (await task.driver.storage.shouldWriteImage(task)) requireRamdiskImages(task)
}

/** Boot from an ISO that the BMC loads and shows as a drive (`drivers/modules/redfish/boot.py`). */
export const redfishVirtualMediaBoot: BootInterface = {
  name: 'redfish-virtual-media',
  kind: 'boot',
  properties,
  capabilities: ['iscsi_volume_boot', 'ramdisk_boot', 'ramdisk_boot_configdrive'],
  validate,
  async validateRescue(task) {
    await Promise.resolve()
    validateDriverInfo(task, 'rescue')
  },
  async validateInspection(task) {
    await Promise.resolve()
    try {
      validateDriverInfo(task, 'deploy')
    } catch (error) {
      if (!(error instanceof MissingParameterValue)) throw error
      throw new UnmanagedInspection(error.message)
    }
  },
  prepareRamdisk: refuse('prepare_ramdisk'),
  cleanUpRamdisk: refuse('clean_up_ramdisk'),
  prepareInstance: refuse('prepare_instance'),
  cleanUpInstance: refuse('clean_up_instance'),
}

/** The same for Dell's machines (`drivers/modules/drac/boot.py`). */
export const idracVirtualMediaBoot: BootInterface = {
  ...redfishVirtualMediaBoot,
  name: 'idrac-redfish-virtual-media',
}

/** Boot from an ISO that the firmware itself loads by HTTP. */
export const redfishHttpsBoot: BootInterface = {
  ...redfishVirtualMediaBoot,
  name: 'redfish-https',
  capabilities: ['ramdisk_boot'],
}
