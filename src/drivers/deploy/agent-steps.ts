/** What a deployment by an agent does around the writing (`CustomAgentDeploy` in `agent.py`). */
import { errorText } from '../../error-text.js'
import { agentCommand } from '../agent/call.js'
import { lockdown } from '../agent/boot.js'
import { collectRamdiskLogs } from '../agent/logs.js'
import { refreshAgentSteps } from '../agent/steps.js'
import { isFastTrack } from '../agent/alive.js'
import { lenientBool } from '../driver-info/fields.js'
import { errorName, RunningDeployFailure } from '../errors.js'
import { infoOf, dropInfo } from '../internal-info.js'
import type { StepDefinition, StepResult, Task } from '../interfaces.js'

export const deployStep = (
  step: string,
  priority: number,
  run: StepDefinition['run'],
): StepDefinition => ({ step, kind: 'deploy', priority, argsinfo: null, run })

/** Runs a part of a deployment; what it throws ends the deployment with this text. */
export async function orFail(
  task: Task,
  work: () => Promise<void>,
  text: (error: unknown) => string,
  ramdiskRuns = true,
): Promise<void> {
  try {
    await work()
  } catch (error) {
    task.signal.throwIfAborted()
    if (error instanceof RunningDeployFailure) throw error
    throw new RunningDeployFailure(text(error), error, ramdiskRuns)
  }
}

const said = (error: unknown): string => `${errorName(error)}: ${errorText(error)}`

/** Boots the ramdisk, unless it runs already or nothing is to be written. */
async function deploy(task: Task): Promise<StepResult> {
  if (await isFastTrack(task)) {
    await refreshAgentSteps(task, 'deploy')
    return undefined
  }
  if (!(await task.driver.storage.shouldWriteImage(task))) return undefined
  const rebooted = Boolean(infoOf(task.node)['deployment_reboot'])
  dropInfo(task.node, ['deployment_reboot'])
  if (!rebooted) await task.powerAction('rebooting')
  return 'wait call-back'
}

/** Sets the machine up to boot the instance. */
export async function prepareInstance(task: Task): Promise<void> {
  await orFail(
    task,
    () => task.driver.boot.prepareInstance(task),
    (error) => `Failed to prepare instance for booting: ${errorText(error)}`,
  )
}

const canPowerOn = (task: Task): boolean =>
  task.driver.power.supportedPowerStates(task).includes('power on')

/** Ends the ramdisk, with all it wrote on the disk. */
async function tearDownAgent(task: Task): Promise<void> {
  const { ctx, node } = task
  if (ctx.config.agent.deploy_logs_collect === 'always') await collectRamdiskLogs(task)
  await orFail(
    task,
    () => endRamdisk(task),
    (error) => `Error rebooting node ${node.uuid} after deploy. ${said(error)}`,
  )
}

async function endRamdisk(task: Task): Promise<void> {
  const { node } = task
  if (node.disablePowerOff) return await lockdown(task)
  if (!canPowerOn(task)) {
    await agentCommand(task, 'standby.sync', {}, { wait: true })
    return await task.powerAction('rebooting')
  }
  if (!lenientBool(node.driverInfo?.['deploy_forces_oob_reboot'] ?? false)) {
    return await softPowerOff(task)
  }
  const { faultstring } = await agentCommand(task, 'standby.sync', {}, { wait: true })
  if (faultstring !== undefined) {
    task.ctx.log.deploy.warn(
      { node: node.uuid, fault: faultstring },
      'the agent could not sync its disks',
    )
  }
  await task.powerAction('power off')
}

/** The ramdisk shuts itself down; when that does not show in time the machine is switched off. */
export async function softPowerOff(task: Task): Promise<void> {
  try {
    await agentCommand(task, 'standby.power_off', {})
  } catch (error) {
    task.signal.throwIfAborted()
    // It may go down before it answers: the power state tells.
    task.ctx.log.deploy.warn({ error, node: task.node.uuid }, 'the agent did not take power_off')
  }
  if (await isOffSoon(task)) return
  task.ctx.log.deploy.warn({ node: task.node.uuid }, 'the ramdisk did not power off; forcing it')
  await task.powerAction('power off')
}

async function isOffSoon(task: Task): Promise<boolean> {
  const { agent } = task.ctx.config
  for (let attempt = 0; attempt <= agent.post_deploy_get_power_state_retries; attempt++) {
    if (attempt > 0) {
      const seconds = agent.post_deploy_get_power_state_retry_interval
      await task.ctx.clock.sleep(seconds * 1000, task.signal)
    }
    if ((await powerState(task)) === 'power off') return true
  }
  return false
}

async function powerState(task: Task): Promise<string | null> {
  try {
    return await task.driver.power.getPowerState(task)
  } catch (error) {
    task.signal.throwIfAborted()
    task.ctx.log.deploy.debug({ error, node: task.node.uuid }, 'the power state could not be read')
    return null
  }
}

async function switchToTenantNetwork(task: Task): Promise<void> {
  const { network } = task.driver
  await orFail(
    task,
    async () => {
      await network.removeNetwork(task, 'provisioning')
      await network.configureTenantNetworks(task)
    },
    (error) =>
      `Error changing node ${task.node.uuid} to tenant networks after deploy. ${said(error)}`,
    false,
  )
}

async function bootInstance(task: Task): Promise<void> {
  await orFail(
    task,
    async () => {
      if (task.node.disablePowerOff) await task.powerAction('rebooting')
      // Without power on the machine was rebooted instead of switched off.
      else if (canPowerOn(task)) await task.powerAction('power on')
    },
    (error) => `Error booting node ${task.node.uuid} after deploy. ${said(error)}`,
    false,
  )
}

const over =
  (work: (task: Task) => Promise<void>): StepDefinition['run'] =>
  async (task) => {
    await work(task)
    return undefined
  }

/** The steps all such deployments share, with their priorities (docs/reference/conductor.md, 11.3). */
export const commonSteps: readonly StepDefinition[] = [
  deployStep('deploy', 100, deploy),
  deployStep('tear_down_agent', 40, over(tearDownAgent)),
  deployStep('switch_to_tenant_network', 30, over(switchToTenantNetwork)),
  deployStep('boot_instance', 20, over(bootInstance)),
]

export const preparesInstanceBoot = (run: (task: Task) => Promise<void>): StepDefinition =>
  deployStep('prepare_instance_boot', 60, over(run))
