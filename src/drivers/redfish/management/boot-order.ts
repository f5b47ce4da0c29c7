import { BmcError, HttpFault } from '../../../protocols/redfish/errors.js'
import { bootOf, setBoot, type BootChange } from '../../../protocols/redfish/resources/boot.js'
import type { System } from '../../../protocols/redfish/resources/system.js'
import { InvalidParameterValue } from '../../../errors.js'
import type { BootDevice, Task } from '../../interfaces.js'
import { dropInfo, infoOf, setInfo } from '../../internal-info.js'
import { withBmc, type Bmc } from '../bmc.js'

/** Boot devices: upstream's names and the standard's. */
export const bootTargets: Readonly<Record<string, string>> = {
  pxe: 'Pxe',
  disk: 'Hdd',
  cdrom: 'Cd',
  bios: 'BiosSetup',
  uefihttp: 'UefiHttp',
}
/** Names that stand in `redfish_boot_device` of nodes deployed by older releases. */
const olderNames: Readonly<Record<string, string>> = {
  hdd: 'disk',
  cd: 'cdrom',
  'bios setup': 'bios',
}
const deviceOf = (target: string | null): string | null =>
  Object.keys(bootTargets).find((device) => bootTargets[device] === target) ?? null

/** @throws RedfishError, RedfishConnectionError */
export async function getBootDevice(task: Task): Promise<BootDevice> {
  return await withBmc(task, async (bmc) => {
    const { target, enabled } = bootOf(await bmc.system())
    const persistent = enabled === 'Continuous' ? true : enabled === 'Once' ? false : null
    return { boot_device: deviceOf(target), persistent }
  })
}

/**
 * Sets what the machine boots from: next time, or from now on. A BMC that does not take "from now
 * on" is told again before every start (`redfish_boot_device`, see `restoreBootDevice`).
 * @throws InvalidParameterValue, RedfishError, RedfishConnectionError
 */
export async function setBootDevice(
  task: Task,
  device: string,
  persistent: boolean,
): Promise<void> {
  const target = bootTargets[device]
  if (target === undefined) {
    throw new InvalidParameterValue(`Invalid boot device ${device} specified.`)
  }
  const uri = infoOf(task.node)['redfish_uefi_http_url']
  dropInfo(task.node, ['redfish_boot_device', 'redfish_uefi_http_url'])
  await task.save()
  await withBmc(
    task,
    async (bmc) => {
      const system = await bmc.system()
      const httpBootUri = typeof uri === 'string' ? uri : null
      await applyBootDevice(bmc, system, { target, persistent, httpBootUri, device })
      await keepBootMode(bmc, system)
    },
    (reason) => `Redfish set boot device failed for node ${task.node.uuid}. Error: ${reason}`,
  )
}

interface Wanted {
  readonly target: string
  readonly device: string
  readonly persistent: boolean
  readonly httpBootUri: string | null
}

async function applyBootDevice(bmc: Bmc, system: System, wanted: Wanted): Promise<void> {
  const { target, httpBootUri } = wanted
  const quirks = await bmc.quirks(system)
  const enabled = wanted.persistent ? 'Continuous' : 'Once'
  const current = bootOf(system)
  const same = current.enabled === enabled && !quirks.alwaysSendsEnabled && !quirks.fullBootRequest
  const mode = current.mode === 'Legacy' ? 'Legacy' : 'UEFI'
  const change: BootChange = {
    target,
    httpBootUri,
    ...(same ? {} : { enabled }),
    ...(quirks.fullBootRequest ? { mode } : {}),
  }
  try {
    await outsidePost(bmc, () => setBoot(bmc.talk, system, change, quirks))
  } catch (error) {
    if (!(error instanceof BmcError) || change.enabled !== 'Continuous') throw error
    await setBoot(bmc.talk, await bmc.system(), { target, enabled: 'Once', httpBootUri }, quirks)
    setInfo(bmc.task.node, { redfish_boot_device: wanted.device })
    await bmc.task.save()
  }
}

/** HPE's iLO refuses changes while the machine is in POST, which passes. */
async function outsidePost(bmc: Bmc, set: () => Promise<void>): Promise<void> {
  const { post_boot_retry_attempts: attempts, post_boot_retry_delay: delay } =
    bmc.task.ctx.config.redfish
  for (let attempt = 1; ; attempt++) {
    try {
      return await set()
    } catch (error) {
      const inPost =
        error instanceof HttpFault &&
        error.status === 400 &&
        error.says('UnableToModifyDuringSystemPOST')
      if (!inPost || attempt >= attempts) throw error
    }
    await bmc.talk.sleep(Math.min(Math.max(2 ** (attempt - 1), delay), delay * 6) * 1000)
  }
}

/** A BMC that forgets the boot mode when the boot device is set is told it again. */
async function keepBootMode(bmc: Bmc, before: System): Promise<void> {
  const quirks = await bmc.quirks(before)
  const { mode } = bootOf(before)
  if (!quirks.forgetsBootMode || (mode !== 'UEFI' && mode !== 'Legacy')) return
  const after = await bmc.system()
  if (bootOf(after).mode !== mode) await setBoot(bmc.talk, after, { mode }, quirks)
}

/** Before the machine starts: a device that the BMC would not keep is set for this start. */
export async function restoreBootDevice(bmc: Bmc, system: System): Promise<void> {
  const stored = infoOf(bmc.task.node)['redfish_boot_device']
  if (typeof stored !== 'string' || stored === '') return
  const device = olderNames[stored.toLowerCase()] ?? stored.toLowerCase()
  const target = bootTargets[device]
  if (target === undefined) {
    throw new InvalidParameterValue(`Invalid boot device ${stored} specified.`)
  }
  try {
    await applyBootDevice(bmc, system, { target, device, persistent: false, httpBootUri: null })
  } catch (error) {
    if (!(error instanceof BmcError)) throw error
    bmc.task.ctx.log.bmc.warn(
      { reason: error.message, node: bmc.task.node.uuid, device },
      'the boot device could not be set again; the configured order decides',
    )
  }
}
