import { BmcError } from '../../../protocols/redfish/errors.js'
import { bootOf, setBoot, type BootChange } from '../../../protocols/redfish/resources/boot.js'
import type { System } from '../../../protocols/redfish/resources/system.js'
import { InvalidParameterValue } from '../../../errors.js'
import { unsupported } from '../../support.js'
import type { Task } from '../../interfaces.js'
import { withBmc, type Bmc } from '../bmc.js'
import { RedfishError } from '../errors.js'

/** Boot modes: upstream's names and the standard's. */
const modes = { uefi: 'UEFI', bios: 'Legacy' } as const
const pollMs = 15_000

const modeOf = (mode: string | null): string | null =>
  Object.entries(modes).find(([, theirs]) => theirs === mode)?.[0] ?? null

export const supportedBootModes = (): Promise<string[]> => Promise.resolve(Object.keys(modes))

/** @throws RedfishError, RedfishConnectionError */
export async function getBootMode(task: Task): Promise<string | null> {
  return await withBmc(task, async (bmc) => modeOf(bootOf(await bmc.system()).mode))
}

/**
 * Sets how the firmware boots, and waits until it does: several machines need a reboot for that.
 * @throws UnsupportedDriverExtension when the BMC neither shows nor takes a mode; RedfishError
 */
export async function setBootMode(task: Task, mode: string): Promise<void> {
  if (mode !== 'uefi' && mode !== 'bios') {
    throw new InvalidParameterValue(`Invalid boot mode ${mode} specified.`)
  }
  const wanted = modes[mode]
  await withBmc(task, async (bmc) => {
    const system = await bmc.system()
    const unreadable = bootOf(system).mode === null
    try {
      await sendMode(bmc, system, wanted)
    } catch (error) {
      if (!(error instanceof BmcError)) throw error
      if (unreadable) throw unsupported(task, 'set_boot_mode')
      throw new RedfishError(
        `Setting boot mode to ${mode} failed for node ${task.node.uuid}. Error: ${error.message}`,
        error,
      )
    }
    if (unreadable) return
    await untilSet(bmc, {
      read: async () => bootOf(await bmc.system()).mode,
      wanted,
      late: (current) =>
        `Timeout reached while waiting for boot mode of node ${task.node.uuid} to become ${wanted}, current is ${current ?? 'None'}`,
    })
  })
}

async function sendMode(bmc: Bmc, system: System, mode: 'UEFI' | 'Legacy'): Promise<void> {
  const quirks = await bmc.quirks(system)
  const { target, enabled } = bootOf(system)
  const how = enabled === 'Continuous' || enabled === 'Disabled' ? enabled : 'Once'
  const change: BootChange = quirks.fullBootRequest
    ? { mode, target: target ?? 'Pxe', enabled: how }
    : { mode }
  await setBoot(bmc.talk, system, change, quirks)
}

interface Setting<T> {
  read(): Promise<T | null>
  readonly wanted: T
  late(current: T | null): string
}

/**
 * Waits until a setting of the firmware is what was asked for; it is taken up during a reboot.
 * Afterwards the machine is on or off as it was.
 * @throws RedfishError when time is over
 */
export async function untilSet<T>(bmc: Bmc, setting: Setting<T>): Promise<void> {
  const { task } = bmc
  let current = await setting.read()
  if (current === setting.wanted) return
  const before = await task.driver.power.getPowerState(task)
  await task.powerAction('rebooting')
  const limit = task.ctx.config.redfish.boot_mode_config_timeout * 1000
  if (limit > 0) {
    for (let slept = 0; current !== setting.wanted; slept += pollMs) {
      if (slept >= limit) throw new RedfishError(setting.late(current))
      await bmc.talk.sleep(pollMs)
      current = await setting.read()
    }
  }
  await task.powerAction(before === 'power off' ? 'power off' : 'power on')
}
