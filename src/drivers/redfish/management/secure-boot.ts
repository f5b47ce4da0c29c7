import { BmcError, HttpFault, MissingAttribute } from '../../../protocols/redfish/errors.js'
import { bootOf } from '../../../protocols/redfish/resources/boot.js'
import {
  readSecureBoot,
  resetKeys,
  setSecureBoot,
  type KeyReset,
  type SecureBoot,
} from '../../../protocols/redfish/resources/secure-boot.js'
import type { System } from '../../../protocols/redfish/resources/system.js'
import { unsupported } from '../../support.js'
import type { Task } from '../../interfaces.js'
import { withBmc, type Bmc } from '../bmc.js'
import { untilSet } from './boot-mode.js'
import { RedfishError } from '../errors.js'

/**
 * Whether secure boot is on; null when the BMC does not say (some want a licence for it).
 * @throws UnsupportedDriverExtension, RedfishError, RedfishConnectionError
 */
export async function getSecureBootState(task: Task): Promise<boolean | null> {
  return await withBmc(task, async (bmc) => {
    try {
      const found = await required(bmc, await bmc.system(), 'get_secure_boot_state')
      return found.enabled
    } catch (error) {
      if (error instanceof HttpFault && error.says('OemLicenseNotPassed')) return null
      throw error
    }
  })
}

/**
 * Switches secure boot, and waits until the firmware has taken it up.
 * @throws UnsupportedDriverExtension, RedfishError, RedfishConnectionError
 */
export async function setSecureBootState(task: Task, state: boolean): Promise<void> {
  const { uuid } = task.node
  const shown = state ? 'True' : 'False'
  await withBmc(task, async (bmc) => {
    const system = await bmc.system()
    const found = await required(bmc, system, 'set_secure_boot_state')
    if (found.enabled === state) return
    if (bootOf(system).mode === 'Legacy') {
      throw new RedfishError(`Configuring secure boot requires UEFI for node ${uuid}`)
    }
    try {
      await setSecureBoot(bmc.talk, found, state)
    } catch (error) {
      if (!(error instanceof BmcError)) throw error
      const text = `Failed to set secure boot state on node ${uuid} to ${shown}: ${error.message}`
      throw new RedfishError(text, error)
    }
    await untilSet(bmc, {
      read: () => readNow(bmc, system),
      wanted: state,
      late: (current) =>
        `Timeout reached while waiting for secure boot state of node ${uuid} to become ${shown}, current is ${shownState(current)}`,
    })
  })
}

const shownState = (state: boolean | null): string =>
  state === null ? 'None' : state ? 'True' : 'False'

/** While the machine reboots its BMC may not know. */
async function readNow(bmc: Bmc, system: System): Promise<boolean | null> {
  try {
    return (await readSecureBoot(bmc.talk, system)).enabled
  } catch (error) {
    if (error instanceof HttpFault && error.status >= 500) return null
    throw error
  }
}

/** The step that brings keys back, or deletes them. @throws UnsupportedDriverExtension, RedfishError */
export async function resetSecureBootKeys(task: Task, type: KeyReset): Promise<void> {
  await withBmc(
    task,
    async (bmc) => {
      const found = await required(bmc, await bmc.system(), 'reset_keys')
      await resetKeys(bmc.talk, found, type)
    },
    (reason) => `Failed to reset secure boot keys on node ${task.node.uuid}: ${reason}`,
  )
}

async function required(bmc: Bmc, system: System, extension: string): Promise<SecureBoot> {
  try {
    return await readSecureBoot(bmc.talk, system)
  } catch (error) {
    if (error instanceof MissingAttribute) throw unsupported(bmc.task, extension)
    throw error
  }
}
