import { errorText } from '../../error-text.js'
import { isoWithoutZone } from '../../clock.js'
import type { PowerState, PowerTarget } from '../../drivers/interfaces.js'
import { PowerStateFailure } from '../../errors.js'
import { setInfo, wipeForPowerOff } from './internal-info.js'
import type { NodeTask } from './task.js'
import { powerOffChildren, powerOnParent, type OpenRelative } from './power-family.js'
import { failureStates, storedPowerTarget } from '../state/states.js'

/** Power changes (docs/reference/conductor.md 3.1, 3.2). */

const switchesOff = new Set<PowerTarget>([
  'power off',
  'soft power off',
  'rebooting',
  'soft rebooting',
])

/**
 * Brings a node to a power state, with its volumes, its relatives and `last_error`. Flows call it as
 * `task.powerAction`.
 * @param openRelative opens the parent or a child of the node
 * @param timeoutSeconds how long the machine may take; default: the driver's option
 * @throws PowerStateFailure when power off is disabled for the node, and what the driver throws;
 *   `last_error` and history say so already
 */
export async function changePower(
  task: NodeTask,
  openRelative: OpenRelative,
  target: PowerTarget,
  timeoutSeconds?: number,
): Promise<void> {
  const { node } = task
  const stored = storedPowerTarget[target]
  if (stored === 'power off' && node.disablePowerOff) throw new PowerStateFailure(target)
  if (await isThereAlready(task, target)) {
    if (switchesOff.has(target)) wipeForPowerOff(node)
    return
  }
  const late = task.driver.power.needsAgent === true
  beginChange(task, stored)
  if (switchesOff.has(target) && !late) wipeForPowerOff(node)
  await task.save()
  task.tell('power', `${target} begins`, { target, from: node.powerState })
  try {
    await change(task, openRelative, target, timeoutSeconds)
  } catch (error) {
    node.targetPowerState = null
    task.recordError(
      `Failed to change power state to '${stored}' by '${target}': ${errorText(error)}`,
    )
    await task.save()
    throw error
  }
  if (switchesOff.has(target) && late) wipeForPowerOff(node)
  node.powerState = stored
  node.targetPowerState = null
  task.tell('power', `${target} is done`, { target, state: stored })
  if (stored === 'power off') await detachVolumes(task)
}

function beginChange(task: NodeTask, stored: string): void {
  const { node, ctx } = task
  node.targetPowerState = stored
  if (!failureStates.has(node.provisionState)) node.lastError = null
  setInfo(node, { last_power_state_change: isoWithoutZone(ctx.clock.now()) })
}

async function change(
  task: NodeTask,
  openRelative: OpenRelative,
  target: PowerTarget,
  timeoutSeconds: number | undefined,
): Promise<void> {
  const { driver, node } = task
  if (storedPowerTarget[target] === 'power on' && node.provisionState === 'active') {
    await driver.storage.attachVolumes(task)
  }
  if (target === 'rebooting') return await driver.power.reboot(task, timeoutSeconds)
  if (target === 'power on') await powerOnParent(task, openRelative)
  if (target === 'power off') await powerOffChildren(task, openRelative)
  await driver.power.setPowerState(task, target, timeoutSeconds)
}

/** Reads the hardware before on and off: a machine that is there already is left alone. */
async function isThereAlready(task: NodeTask, target: PowerTarget): Promise<boolean> {
  if (target === 'rebooting' || target === 'soft rebooting') return false
  const actual = await readPower(task, target)
  const there = actual === storedPowerTarget[target]
  if (there) {
    task.tell('power', `is ${actual} already`, { target })
    Object.assign(task.node, { powerState: actual, targetPowerState: null, lastError: null })
  }
  return there
}

async function readPower(task: NodeTask, target: PowerTarget): Promise<PowerState | null> {
  try {
    return await task.driver.power.getPowerState(task)
  } catch (error) {
    task.node.targetPowerState = null
    task.recordError(`Failed to change power state to '${target}': ${errorText(error)}`)
    await task.save()
    throw error
  }
}

async function detachVolumes(task: NodeTask): Promise<void> {
  if (task.node.provisionState !== 'active') return
  try {
    await task.driver.storage.detachVolumes(task)
  } catch (error) {
    task.ctx.log.conductor.warn({ error, node: task.node.uuid }, 'volumes could not be detached')
  }
}
