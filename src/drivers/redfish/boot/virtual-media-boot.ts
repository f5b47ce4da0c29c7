import type { JsonObject } from '../../../db/columns.js'
import { InvalidParameterValue, IronicError } from '../../../errors.js'
import { pythonStr } from '../../../python/repr.js'
import { isFastTrack } from '../../agent/alive.js'
import { setBootToDisk, trySetBootDevice } from '../../boot-device.js'
import { switchSecureBoot, syncBootMode } from '../../boot/boot-mode.js'
import { agentParameters } from '../../boot/media/agent-parameters.js'
import { removeBootIsos } from '../../boot/media/boot-iso.js'
import { isTruthy } from '../../driver-info/fields.js'
import type { BootInterface, Task } from '../../interfaces.js'
import { setVirtualBootDevice } from '../idrac.js'
import {
  publishAgentDisc,
  publishConfigDrive,
  publishInstanceDisc,
  publishParameters,
  removeConfigDrive,
  removeParameters,
} from './discs.js'
import { requireSuitableIdrac } from './dell.js'
import {
  agentIso,
  needsRamdisk,
  ramdiskMode,
  usesRemovable,
  validateAgentDisc,
  validateInstanceDisc,
  validateManagedInspection,
} from './driver-info.js'
import { chooseTransport, requestedTransport } from './transport.js'
import {
  ejectVirtualMedia,
  hasVirtualMedia,
  insertVirtualMedia,
  offeredMedia,
} from './virtual-media.js'

export const discProperties = {
  deploy_kernel: 'URL or Glance UUID of the deployment kernel. Required if deploy_iso is not set.',
  deploy_ramdisk:
    'URL or Glance UUID of the ramdisk that is mounted at boot time. Required if deploy_iso is not set.',
  deploy_iso:
    'URL or Glance UUID of the deployment ISO to use. Required if deploy_kernel/deploy_ramdisk are not set.',
}

/** What differs between Dell's machines and all others. */
interface Make {
  checkHardware(task: Task): Promise<void>
  /** Lets the machine boot from the virtual CD. */
  bootFromDisc(task: Task, persistent: boolean): Promise<void>
}

/** Inserts the agent's disc and boots from it once. */
async function prepareRamdisk(task: Task, params: JsonObject, make: Make): Promise<void> {
  if (!needsRamdisk(task)) return
  await make.checkHardware(task)
  if (await runsFromDisc(task)) return
  const removable = usesRemovable(task)
  const carriesToken = removable || agentIso(task, ramdiskMode(task)) === null
  const all = await agentParameters(task, params, carriesToken)
  if (!task.node.disablePowerOff) await task.powerAction('power off')
  if (removable) await insertParameters(task, all)
  const { transport, access } = await chooseTransport(task)
  await insertVirtualMedia(task, await publishAgentDisc(task, all, transport), 'CD', access)
  await syncBootMode(task)
  await make.bootFromDisc(task, false)
}

async function runsFromDisc(task: Task): Promise<boolean> {
  if (!(await isFastTrack(task))) return false
  if (await hasVirtualMedia(task, 'CD')) return true
  task.ctx.log.drivers.warn(
    { node: task.node.uuid },
    'fast track is possible, but no disc is inserted; the machine boots its ramdisk again',
  )
  return false
}

async function insertParameters(task: Task, params: JsonObject): Promise<void> {
  const offered = await offeredMedia(task)
  const type = (['USBStick', 'Floppy'] as const).find((one) => offered.has(one))
  if (type === undefined) {
    task.ctx.log.drivers.warn(
      { node: task.node.uuid },
      'the BMC has no virtual USB stick or floppy for config_via_removable; the agent gets its parameters from its disc only',
    )
    return
  }
  await removeParameters(task)
  await insertVirtualMedia(task, await publishParameters(task, params), type)
}

async function cleanUpRamdisk(task: Task): Promise<void> {
  if (await isFastTrack(task)) return
  if (!task.node.disablePowerOff) await task.powerAction('power off')
  await ejectAll(task)
}

/** Ejects and removes what these methods inserted and published. */
async function ejectAll(task: Task): Promise<void> {
  await ejectVirtualMedia(task, 'CD')
  if (usesRemovable(task)) {
    await ejectVirtualMedia(task, 'USBStick')
    await ejectVirtualMedia(task, 'Floppy')
    await removeParameters(task)
  }
  if (isRamdisk(task) && isTruthy(task.node.instanceInfo?.['configdrive'])) {
    await ejectVirtualMedia(task, 'USBStick')
    await removeConfigDrive(task)
  }
  await removeBootIsos(task)
}

const isRamdisk = ({ driver }: Task): boolean => driver.deploy.name === 'ramdisk'

/** Lets the machine boot its disk, or the disc that is the instance. */
async function prepareInstance(task: Task, make: Make): Promise<void> {
  await ejectAll(task)
  await syncBootMode(task)
  await switchSecureBoot(task, true)
  if (!isRamdisk(task)) return await setBootToDisk(task)
  const { transport, access } = await chooseTransport(task)
  await insertVirtualMedia(task, await publishInstanceDisc(task, transport), 'CD', access)
  await insertConfigDrive(task)
  await make.bootFromDisc(task, true)
}

async function insertConfigDrive(task: Task): Promise<void> {
  const url = await publishConfigDrive(task)
  if (url === null) return
  try {
    await insertVirtualMedia(task, url, 'USBStick')
  } catch (error) {
    if (!(error instanceof InvalidParameterValue)) throw error
    throw new IronicError(
      `Cannot attach configdrive for node ${task.node.uuid}: no suitable virtual USB slot has been found`,
      { cause: error },
    )
  }
}

async function validate(task: Task): Promise<void> {
  validateAgentDisc(task, ramdiskMode(task))
  requestedTransport(task)
  await validateInstanceDisc(task)
}

const virtualMediaBoot = (name: string, make: Make): BootInterface => ({
  name,
  kind: 'boot',
  properties: discProperties,
  capabilities: ['iscsi_volume_boot', 'ramdisk_boot', 'ramdisk_boot_configdrive'],
  validate,
  async validateRescue(task) {
    await Promise.resolve()
    validateAgentDisc(task, 'rescue')
  },
  async validateInspection(task) {
    await Promise.resolve()
    validateManagedInspection(task)
  },
  prepareRamdisk: (task, params) => prepareRamdisk(task, params, make),
  cleanUpRamdisk,
  prepareInstance: (task) => prepareInstance(task, make),
  async cleanUpInstance(task) {
    await ejectAll(task)
    await switchSecureBoot(task, false)
  },
})

/** Boot from an ISO that the BMC loads and shows as a drive (`drivers/modules/redfish/boot.py`). */
export const redfishVirtualMediaBoot = virtualMediaBoot('redfish-virtual-media', {
  async checkHardware(task) {
    const vendor = pythonStr(task.node.properties?.['vendor'] ?? '')
    if (vendor.split(' ').includes('Dell')) await requireSuitableIdrac(task, vendor)
  },
  bootFromDisc: (task, persistent) => trySetBootDevice(task, 'cdrom', persistent),
})

/** The same for Dell's machines, which take `Cd` for their physical drive (`drac/boot.py`). */
export const idracVirtualMediaBoot = virtualMediaBoot('idrac-redfish-virtual-media', {
  checkHardware: () => Promise.resolve(),
  bootFromDisc: (task, persistent) => setVirtualBootDevice(task, 'cdrom', persistent),
})
