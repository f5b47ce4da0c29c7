import type { JsonObject } from '../../../db/columns.js'
import { UnsupportedDriverExtension } from '../../../errors.js'
import { bootOf } from '../../../protocols/redfish/resources/boot.js'
import { isFastTrack } from '../../agent/alive.js'
import { setBootDevice, setBootToDisk } from '../../boot-device.js'
import { switchSecureBoot, syncBootMode } from '../../boot/boot-mode.js'
import { agentParameters } from '../../boot/media/agent-parameters.js'
import { removeBootIsos } from '../../boot/media/boot-iso.js'
import { setInfo } from '../../internal-info.js'
import type { BootInterface, Task } from '../../interfaces.js'
import { withBmc } from '../bmc.js'
import { publishAgentDisc, publishInstanceDisc } from './discs.js'
import {
  agentIso,
  needsRamdisk,
  ramdiskMode,
  validateAgentDisc,
  validateInstanceDisc,
  validateManagedInspection,
} from './driver-info.js'
import { discProperties } from './virtual-media-boot.js'

/** The firmware does not boot from URLs. */
class NoHttpBoot extends UnsupportedDriverExtension {
  constructor(uuid: string) {
    super('redfish', 'UefiHttp')
    this.message = `Node ${uuid} hardware does not support feature UefiHttp boot, which is required based upon the requested configuration.`
  }
}

/** @throws NoHttpBoot, RedfishError, RedfishConnectionError */
async function requireHttpBoot(task: Task): Promise<void> {
  const allowed = await withBmc(task, async (bmc) => bootOf(await bmc.system()).allowed ?? [])
  // A BMC that does not say what it allows may allow it.
  if (allowed.length > 0 && !allowed.includes('UefiHttp')) throw new NoHttpBoot(task.node.uuid)
}

async function bootFromUrl(task: Task, url: string, persistent: boolean): Promise<void> {
  setInfo(task.node, { redfish_uefi_http_url: url })
  await task.save()
  await setBootDevice(task, 'uefihttp', persistent)
}

async function prepareRamdisk(task: Task, params: JsonObject): Promise<void> {
  if (!needsRamdisk(task) || (await isFastTrack(task))) return
  const all = await agentParameters(task, params, agentIso(task, ramdiskMode(task)) === null)
  if (!task.node.disablePowerOff) await task.powerAction('power off')
  const url = await publishAgentDisc(task, all)
  await syncBootMode(task)
  await bootFromUrl(task, url, false)
}

async function prepareInstance(task: Task): Promise<void> {
  await removeBootIsos(task)
  await syncBootMode(task)
  await switchSecureBoot(task, true)
  if (task.driver.deploy.name !== 'ramdisk') return await setBootToDisk(task)
  await bootFromUrl(task, await publishInstanceDisc(task), true)
}

/** Boot from an ISO that the firmware itself loads by HTTP (`RedfishHttpsBoot` in `redfish/boot.py`). */
export const redfishHttpsBoot: BootInterface = {
  name: 'redfish-https',
  kind: 'boot',
  properties: discProperties,
  capabilities: ['ramdisk_boot'],
  async validate(task) {
    validateAgentDisc(task, ramdiskMode(task))
    await validateInstanceDisc(task)
    await requireHttpBoot(task)
  },
  async validateRescue(task) {
    await Promise.resolve()
    validateAgentDisc(task, 'rescue')
  },
  async validateInspection(task) {
    await Promise.resolve()
    validateManagedInspection(task)
  },
  prepareRamdisk,
  async cleanUpRamdisk(task) {
    if (!(await isFastTrack(task))) await removeBootIsos(task)
  },
  prepareInstance,
  async cleanUpInstance(task) {
    await removeBootIsos(task)
    await switchSecureBoot(task, false)
  },
}
