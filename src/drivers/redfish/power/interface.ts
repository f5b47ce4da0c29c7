import { InvalidParameterValue, PowerStateFailure } from '../../../errors.js'
import { BmcError, ConnectionFailed, HttpFault } from '../../../protocols/redfish/errors.js'
import {
  resetSystem,
  type ResetType,
  type System,
} from '../../../protocols/redfish/resources/system.js'
import { redfishProperties, validateRedfish } from '../driver-info.js'
import type { PowerInterface, PowerState, PowerTarget, Task } from '../../interfaces.js'
import { withBmc, type Bmc } from '../bmc.js'
import { restoreBootDevice } from '../management/boot-order.js'
import { waitForPowerState } from '../../power/wait.js'

const stateOf: Readonly<Record<string, PowerState>> = {
  On: 'power on',
  PoweringOn: 'power on',
  Off: 'power off',
  PoweringOff: 'power off',
}
const resets: Readonly<Record<PowerTarget, ResetType>> = {
  'power on': 'On',
  'power off': 'ForceOff',
  rebooting: 'ForceRestart',
  'soft rebooting': 'GracefulRestart',
  'soft power off': 'GracefulShutdown',
}
const reached: Readonly<Record<PowerTarget, PowerState>> = {
  'power on': 'power on',
  'power off': 'power off',
  rebooting: 'power on',
  'soft rebooting': 'power on',
  'soft power off': 'power off',
}
const starts = new Set<PowerTarget>(['power on', 'rebooting', 'soft rebooting'])
/** A machine that was restarted is off for a moment only; earlier its old state would be seen. */
const restartMs = 15_000

const powerOf = (system: System): PowerState | null => stateOf[system.powerState ?? ''] ?? null

async function setPowerState(task: Task, target: PowerTarget, timeout?: number): Promise<void> {
  if (resets[target] === undefined) {
    throw new InvalidParameterValue(
      `set_power_state called with an invalid power state: ${target}.`,
    )
  }
  await withBmc(
    task,
    async (bmc) => {
      const system = await bmc.system()
      if (starts.has(target)) await restoreIfOurs(bmc, system)
      await change(bmc, system, target, timeout)
    },
    (reason) =>
      `Setting power state to ${target} failed for node ${task.node.uuid}. Error: ${reason}`,
  )
}

/** The boot device is the management interface's business; it may be another's. */
async function restoreIfOurs(bmc: Bmc, system: System): Promise<void> {
  if (bmc.task.driver.management.name.endsWith('redfish')) await restoreBootDevice(bmc, system)
}

/** One reset, and the wait for what it shall bring about. */
async function change(
  bmc: Bmc,
  system: System,
  target: PowerTarget,
  timeout: number | undefined,
): Promise<void> {
  const doubt = await reset(bmc, system, target)
  if (doubt === 'there') return
  if (target === 'rebooting') await bmc.talk.sleep(restartMs)
  try {
    await waitForPowerState(bmc.task, reached[target], timeout)
  } catch (error) {
    throw doubt !== null && error instanceof PowerStateFailure ? doubt : error
  }
}

/**
 * Sends a reset, once. When the connection is cut the BMC may have taken it up: then the machine's
 * state tells, and the command is not sent again.
 * @returns `there` when the machine is in the state already; the fault that leaves it in doubt
 */
async function reset(
  bmc: Bmc,
  system: System,
  target: PowerTarget,
): Promise<'there' | BmcError | null> {
  try {
    await onceSettled(bmc, target, () => resetSystem(bmc.talk, system, resets[target]))
    return null
  } catch (error) {
    if (!(error instanceof BmcError)) throw error
    const tells = target === 'rebooting' || target === 'soft rebooting'
    if (error instanceof ConnectionFailed && !error.notSent && !tells) return error
    if (error instanceof HttpFault && (await isThereAlready(bmc, target, error))) return 'there'
    throw error
  }
}

/** Dell's iDRAC 10 refuses to switch on for a moment after it switched off. */
async function onceSettled(
  bmc: Bmc,
  target: PowerTarget,
  send: () => Promise<void>,
): Promise<void> {
  const { power_on_conflict_retry_attempts: most, power_on_conflict_retry_interval: pause } =
    bmc.task.ctx.config.redfish
  for (let attempt = 0; ; attempt++) {
    try {
      return await send()
    } catch (error) {
      const conflict =
        target === 'power on' &&
        error instanceof HttpFault &&
        error.status === 409 &&
        error.says('ActionParameterValueConflict')
      if (!conflict || attempt >= most) throw error
    }
    await bmc.talk.sleep(pause * 1000)
  }
}

/** BMCs refuse to switch on what is on: then all is well. */
async function isThereAlready(bmc: Bmc, target: PowerTarget, fault: HttpFault): Promise<boolean> {
  if (fault.status !== 400 && fault.status !== 409 && fault.status < 500) return false
  if (target === 'rebooting' || target === 'soft rebooting') return false
  const wanted = reached[target]
  const state = powerOf(await bmc.system())
  if (state !== null) return state === wanted
  const word = wanted.replace('power ', 'powered ')
  return fault.says(`host is ${word}`) || fault.says(`already ${word}`)
}

async function reboot(task: Task, timeout?: number): Promise<void> {
  let next: PowerTarget = 'power on'
  await withBmc(
    task,
    async (bmc) => {
      const system = await bmc.system()
      if (powerOf(system) === 'power on') {
        next = task.node.disablePowerOff ? 'rebooting' : 'power off'
        if (next === 'power off') await change(bmc, system, next, timeout)
        if (next === 'power off') next = 'power on'
      }
      await restoreIfOurs(bmc, system)
      await change(bmc, system, next, timeout)
    },
    (reason) =>
      `Reboot failed for node ${task.node.uuid} when setting power state to ${next}. Error: ${reason}`,
  )
}

/** Power by Redfish (`drivers/modules/redfish/power.py`). */
export const redfishPower: PowerInterface = {
  name: 'redfish',
  kind: 'power',
  properties: redfishProperties,
  supportsPowerSync: true,
  supportedPowerStates: () => [
    'power on',
    'power off',
    'rebooting',
    'soft rebooting',
    'soft power off',
  ],
  validate: validateRedfish,
  getPowerState: (task) => withBmc(task, async (bmc) => powerOf(await bmc.system())),
  setPowerState,
  reboot,
}

/** The same for Dell's machines (`drivers/modules/drac/power.py`). */
export const idracPower: PowerInterface = { ...redfishPower, name: 'idrac-redfish' }
