import { InvalidParameterValue, UnsupportedHardwareFeature } from '../../../errors.js'
import { checkIpmiAddress, ipmiProperties, parseIpmiInfo } from '../driver-info.js'
import type { PowerInterface, PowerTarget, Task } from '../../interfaces.js'
import { restoreBootDevice } from '../management/boot-flags.js'
import { ipmiEngine } from '../choose-engine.js'
import { waitForPowerState } from '../../power/wait.js'

/** A machine that was reset is off for a moment only; earlier its old state would be seen. */
const resetMs = 15_000

async function powerOn(task: Task, timeout: number | undefined): Promise<void> {
  await restoreBootDevice(task)
  await ipmiEngine(task).control('on')
  await waitForPowerState(task, 'power on', timeout)
}

async function powerOff(task: Task, timeout: number | undefined): Promise<void> {
  await ipmiEngine(task).control('off')
  await waitForPowerState(task, 'power off', timeout)
}

async function softPowerOff(task: Task, timeout: number | undefined): Promise<void> {
  await ipmiEngine(task).control('soft')
  const patience = timeout || task.ctx.config.conductor.soft_power_off_timeout
  await waitForPowerState(task, 'power off', patience)
}

async function softReboot(task: Task, timeout: number | undefined): Promise<void> {
  if (task.node.disablePowerOff) {
    throw new UnsupportedHardwareFeature(task.node.uuid, 'soft power off')
  }
  await softPowerOff(task, timeout)
  await powerOn(task, timeout)
}

async function reboot(task: Task, timeout?: number): Promise<void> {
  const engine = ipmiEngine(task)
  if (task.node.disablePowerOff) {
    await restoreBootDevice(task)
    await engine.control('reset')
    await task.ctx.clock.sleep(resetMs, task.signal)
    return await waitForPowerState(task, 'power on', timeout)
  }
  // Some BMCs refuse to switch off what is off.
  if ((await engine.powerState()) !== 'power off') await powerOff(task, timeout)
  await powerOn(task, timeout)
}

const changes: Partial<Record<PowerTarget, typeof powerOn>> = {
  'power on': powerOn,
  'power off': powerOff,
  'soft power off': softPowerOff,
  'soft rebooting': softReboot,
}

/** Power by IPMI (`drivers/modules/ipmitool.py`). */
export const ipmitoolPower: PowerInterface = {
  name: 'ipmitool',
  kind: 'power',
  properties: ipmiProperties,
  supportsPowerSync: true,
  supportedPowerStates: () => [
    'power on',
    'power off',
    'rebooting',
    'soft rebooting',
    'soft power off',
  ],
  async validate(task) {
    await Promise.resolve()
    checkIpmiAddress(parseIpmiInfo(task.node).address, task.node.uuid)
  },
  async getPowerState(task) {
    return await ipmiEngine(task).powerState()
  },
  async setPowerState(task, target, timeout) {
    const change = changes[target]
    if (change === undefined) {
      throw new InvalidParameterValue(`set_power_state called with invalid power state ${target}.`)
    }
    await change(task, timeout)
  },
  reboot,
}
