/** Bringing the agent's ramdisk up and taking it away (`drivers/modules/deploy_utils.py`). */
import type { JsonObject } from '../../db/columns.js'
import { apiUrl } from '../api-url.js'
import { isFastTrack } from './alive.js'
import { infoOf, setInfo } from '../internal-info.js'
import type { Task } from '../interfaces.js'
import { agentCommand, agentCommands } from './call.js'
import { AgentCommandTimeout, AgentConnectionFailed } from '../../errors.js'
import { refreshAgentSteps, setErasure } from './steps.js'

/** Prepares the next boot to be into the agent. @throws what the boot interface throws */
export async function prepareAgentBoot(task: Task): Promise<void> {
  setInfo(task.node, { agent_start_attempted: true })
  await task.save()
  await task.driver.boot.prepareRamdisk(task, {
    'ipa-api-url': apiUrl(task.ctx),
    ...classicParams(task),
  })
}

/** Agents of 2015 ask the driver that their kernel's parameters name for their node. */
const classicParams = ({ node, driver }: Task): JsonObject =>
  Object.hasOwn(driver.vendor.driverMethods, 'lookup')
    ? { 'ipa-driver-name': node.driver, 'coreos.configdrive': '0' }
    : {}

const managesBoot = (task: Task): boolean => task.ctx.config.agent.manage_agent_boot

/** Boots into the agent to clean; nothing when it runs already (fast track). */
export async function prepareInbandCleaning(task: Task): Promise<'clean wait' | undefined> {
  await task.driver.network.addNetwork(task, 'cleaning')
  setErasure(task)
  await task.save()
  if (managesBoot(task)) await prepareAgentBoot(task)
  // Preparing the boot may have switched the machine off, so this is asked after it.
  if (await isFastTrack(task)) {
    await refreshAgentSteps(task, 'clean')
    return undefined
  }
  await task.powerAction('rebooting')
  return 'clean wait'
}

/** Takes the agent away after cleaning. After a failure it runs on, to be looked at. */
export async function tearDownInbandCleaning(task: Task): Promise<void> {
  const { node, driver } = task
  const stays = (await isFastTrack(task)) || node.fault === 'clean failure'
  if (!stays && !node.disablePowerOff) await task.powerAction('power off')
  if (managesBoot(task)) await driver.boot.cleanUpRamdisk(task)
  await driver.network.removeNetwork(task, 'cleaning')
  if (!stays && node.disablePowerOff) await task.powerAction('rebooting')
}

/**
 * Does something while the machine is off, then switches it on (`drivers/utils.py`,
 * power_off_and_on). The node shows `power on` all along: Nova switches off what it sees off.
 */
export async function whileOff(task: Task, work: () => Promise<void>): Promise<void> {
  const { node } = task
  if (!node.disablePowerOff) await task.powerAction('power off')
  node.powerState = 'power on'
  await task.save()
  await work()
  await switchOn(task)
}

/** Power on, or reboot for a machine that is never off. */
export async function switchOn(task: Task): Promise<void> {
  if (task.node.disablePowerOff) return await task.powerAction('rebooting')
  await task.powerAction('power on')
}

/** Boots into the agent to service a machine in use. */
export async function prepareInbandService(task: Task): Promise<'service wait'> {
  const { boot, network } = task.driver
  await whileOff(task, async () => {
    await boot.cleanUpInstance(task)
    await network.unconfigureTenantNetworks(task)
    await network.addNetwork(task, 'servicing')
    if (managesBoot(task)) await prepareAgentBoot(task)
  })
  return 'service wait'
}

/** Gives the machine back to its instance. */
export async function tearDownInbandService(task: Task): Promise<void> {
  const { node, driver } = task
  const failed = node.fault === 'service failure'
  if (node.disablePowerOff) await lockdown(task, { mayBeGone: true })
  if (!failed && !node.disablePowerOff) await task.powerAction('power off')
  await driver.boot.cleanUpRamdisk(task)
  if (failed) return
  await driver.network.removeNetwork(task, 'servicing')
  await driver.network.configureTenantNetworks(task)
  await driver.boot.prepareInstance(task)
  await switchOn(task)
}

const disabledRamdisk: Readonly<Record<string, string>> = {
  cleaning: 'cleaning_disable_ramdisk',
  'clean wait': 'cleaning_disable_ramdisk',
  servicing: 'service_disable_ramdisk',
  'service wait': 'service_disable_ramdisk',
}

/** Reboots into the agent in the middle of a flow. */
export async function rebootToFinishStep(task: Task): Promise<void> {
  const { node } = task
  const key = disabledRamdisk[node.provisionState]
  if (key === undefined || infoOf(node)[key] !== true) {
    if ((await isFastTrack(task)) && !node.disablePowerOff) await task.powerAction('power off')
    await prepareAgentBoot(task)
  }
  await task.powerAction('rebooting')
}

/**
 * Makes the agent unusable, for machines that are not switched off after it, and waits until it is.
 * @throws AgentCommandTimeout, AgentConnectionFailed
 */
export async function lockdown(task: Task, options: { mayBeGone?: boolean } = {}): Promise<void> {
  if (options.mayBeGone && !(await isThere(task))) return
  await agentCommand(task, 'standby.sync', {}, { wait: true })
  await agentCommand(task, 'system.lockdown', {})
  const { agent } = task.ctx.config
  for (let attempt = 0; await isThere(task); attempt++) {
    if (attempt >= agent.post_deploy_get_power_state_retries) {
      throw new AgentCommandTimeout(task.node.uuid, 'system.lockdown')
    }
    const interval = agent.post_deploy_get_power_state_retry_interval
    await task.ctx.clock.sleep(interval * 1000, task.signal)
  }
}

async function isThere(task: Task): Promise<boolean> {
  try {
    await agentCommands(task, { retry: false })
    return true
  } catch (error) {
    if (error instanceof AgentConnectionFailed) return false
    throw error
  }
}
