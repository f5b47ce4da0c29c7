import type { JsonObject } from '../../../db/columns.js'
import { MissingParameterValue } from '../../../errors.js'
import { pythonStr } from '../../../python/repr.js'
import { pregenerateToken } from '../../agent/token.js'
import { setBootToDisk, trySetBootDevice } from '../../boot-device.js'
import { isTruthy, requireParams } from '../../driver-info/fields.js'
import { agentKernelRamdisk, skipsAutomatedCleaning } from '../../driver-info/ramdisk.js'
import type { RamdiskMode } from '../../driver-info/ramdisk.js'
import { parseRedfishInfo } from '../driver-info.js'
import type { BootInterface, Task } from '../../interfaces.js'
import { ejectVirtualMedia, insertVirtualMedia } from './virtual-media.js'
import { refuse } from '../../support.js'
import { publishBootIso, removeBootIsos } from '../../boot/boot-iso.js'
import { syncBootMode } from '../../boot/boot-mode.js'
import { requireRamdiskImages, UnmanagedInspection } from '../../boot/network/validate.js'

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

/** Inserts the disc of the agent, given or built, and boots from it once. */
async function bootRamdisk(task: Task, params: JsonObject): Promise<void> {
  const mode = rescueStates.has(task.node.provisionState) ? 'rescue' : 'deploy'
  const info: JsonObject = task.node.driverInfo ?? {}
  await syncBootMode(task)
  const given = info[`${mode}_iso`] ?? info[`redfish_${mode}_iso`]
  const url = isTruthy(given) ? pythonStr(given) : await agentDisc(task, mode, params)
  await insertVirtualMedia(task, url, 'CD')
  await trySetBootDevice(task, 'cdrom', false)
}

/** The disc carries the agent's token, which its look-up will not tell. */
async function agentDisc(task: Task, mode: RamdiskMode, params: JsonObject): Promise<string> {
  const { kernel, ramdisk } = agentKernelRamdisk(task, mode)
  if (!kernel || !ramdisk) throw noDisc(task)
  const token = pregenerateToken(task.node)
  await task.save()
  const parameters = { ...params, 'ipa-agent-token': token, boot_method: 'vmedia' }
  return await publishBootIso(task, { kernel, ramdisk, parameters })
}

const noDisc = ({ node }: Task) =>
  new MissingParameterValue(
    `Unable to find kernel, ramdisk for building ISO, or explicit ISO for ${node.uuid}`,
  )

/** From the disk, unless the instance itself is a disc or a ramdisk. */
async function bootInstance(task: Task): Promise<void> {
  const { node } = task
  await ejectDisc(task)
  await syncBootMode(task)
  if (task.driver.deploy.name !== 'ramdisk') return await setBootToDisk(task)
  const { boot_iso: iso, kernel, ramdisk } = node.instanceInfo ?? {}
  const own = isTruthy(kernel) && isTruthy(ramdisk)
  if (!isTruthy(iso) && !own) throw noDisc(task)
  const parts = { kernel: pythonStr(kernel), ramdisk: pythonStr(ramdisk) }
  const url = isTruthy(iso)
    ? pythonStr(iso)
    : await publishBootIso(task, { ...parts, parameters: { root: '/dev/ram0' } })
  await insertVirtualMedia(task, url, 'CD')
  await trySetBootDevice(task, 'cdrom', true)
}

async function ejectDisc(task: Task): Promise<void> {
  await ejectVirtualMedia(task, 'CD')
  await removeBootIsos(task)
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
  prepareRamdisk: bootRamdisk,
  cleanUpRamdisk: ejectDisc,
  prepareInstance: bootInstance,
  cleanUpInstance: ejectDisc,
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
  prepareRamdisk: refuse('prepare_ramdisk'),
  cleanUpRamdisk: refuse('clean_up_ramdisk'),
  prepareInstance: refuse('prepare_instance'),
  cleanUpInstance: refuse('clean_up_instance'),
}
