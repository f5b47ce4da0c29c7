/** Deployment by the Anaconda installer (`PXEAnacondaDeploy` in `drivers/modules/pxe.py`). */
import { errorText } from '../../error-text.js'
import { InvalidParameterValue } from '../../errors.js'
import { refreshAgentSteps } from '../agent/steps.js'
import { collectRamdiskLogs } from '../agent/logs.js'
import { waitForStep } from '../async-steps.js'
import { trySetBootDevice } from '../boot-device.js'
import { switchSecureBoot } from '../boot/boot-mode.js'
import { installationOf } from '../boot/network/installation.js'
import { RunningDeployFailure, StepFailed } from '../errors.js'
import { dropInfo, infoOf, setInfo } from '../internal-info.js'
import type { DeployInterface, HeartbeatOutcome, StepResult, Task } from '../interfaces.js'
import { agentBase } from './agent-base.js'
import { deployStep } from './agent-steps.js'
import { forgetInstanceImage, noteInstanceImage } from './instance-image.js'
import { noteBootVolume } from './prepare.js'

/** What the installer reports about itself, kept with the node by its heartbeats. */
const reportKeys = ['agent_status', 'agent_status_message']

async function validate(task: Task): Promise<void> {
  if (!task.driver.boot.capabilities.includes('pxe_boot')) {
    throw new InvalidParameterValue(
      'Invalid configuration: The boot interface must have the `pxe_boot` capability. You are using an incompatible boot interface.',
    )
  }
  await task.driver.boot.validate(task)
}

async function prepare(task: Task): Promise<void> {
  const { node, driver } = task
  await noteBootVolume(task)
  if (node.provisionState === 'deploying') await prepareMachine(task)
  if (node.provisionState === 'active' || node.provisionState === 'unrescuing') {
    await driver.boot.prepareInstance(task)
  }
}

async function prepareMachine(task: Task): Promise<void> {
  const { node, driver } = task
  // Of an earlier installation, whose end is not the end of this one.
  dropInfo(node, reportKeys)
  await driver.network.validate(task)
  if (!node.disablePowerOff) await task.powerAction('power off')
  await driver.network.unconfigureTenantNetworks(task)
  await driver.network.addNetwork(task, 'provisioning')
  await driver.storage.attachVolumes(task)
  if ((await installationOf(task)).repository) setInfo(node, { is_source_a_path: true })
  else dropInfo(node, ['is_source_a_path'])
  await noteInstanceImage(task)
}

/**
 * Boots the installer, and is run again when that has reported its end. The report stands with the
 * node, so that a crash between the two costs nothing.
 */
async function deploy(task: Task): Promise<StepResult> {
  if (infoOf(task.node)['agent_status'] === 'end') return await finish(task)
  if (!task.node.disablePowerOff) await task.powerAction('power off')
  await task.driver.boot.prepareInstance(task)
  await task.powerAction(task.node.disablePowerOff ? 'rebooting' : 'power on')
  return waitForStep(task, { skipCurrentStep: false })
}

/** The system is installed: the machine boots it from its disk. */
async function finish(task: Task): Promise<undefined> {
  try {
    await bootInstalled(task)
  } catch (error) {
    task.signal.throwIfAborted()
    throw new RunningDeployFailure(
      `An error occurred after deployment, while preparing to reboot the node ${task.node.uuid}: ${errorText(error)}`,
      error,
      false,
    )
  }
}

async function bootInstalled(task: Task): Promise<void> {
  const { node, driver } = task
  // First of all: a machine that starts again by itself must not find the installer.
  await driver.boot.cleanUpInstance(task)
  await forgetInstanceImage(task)
  if (!node.disablePowerOff) await task.powerAction('power off')
  await trySetBootDevice(task, 'disk', true)
  await switchSecureBoot(task, true)
  await driver.network.removeNetwork(task, 'provisioning')
  await driver.network.configureTenantNetworks(task)
  await task.powerAction(node.disablePowerOff ? 'rebooting' : 'power on')
}

/** @throws StepFailed with what the installer says */
function installerProgress({ node }: Task): HeartbeatOutcome {
  const { agent_status: status, agent_status_message: message } = infoOf(node)
  if (status === 'start') return 'wait'
  if (status === 'end') return 'next'
  const said = typeof message === 'string' && message !== '' ? message : null
  throw new StepFailed(said ?? 'The installer reported a failure without saying which.')
}

const isDeploying = ({ node }: Task): boolean =>
  node.provisionState === 'deploying' || node.provisionState === 'wait call-back'

/** For cleaning, service and rescue the agent is booted, as with every other deployment. */
export const anacondaDeploy: DeployInterface = {
  ...agentBase,
  name: 'anaconda',
  properties: {},
  steps: [deployStep('deploy', 100, deploy)],
  validate,
  prepare,
  async cleanUp(task) {
    await agentBase.cleanUp(task)
    await forgetInstanceImage(task)
  },
  async refreshSteps(task, kind) {
    // The installer has none, and nobody to ask.
    if (kind !== 'deploy') await refreshAgentSteps(task, kind)
  },
  async runtimeSteps(task, kind) {
    return kind === 'deploy' ? [] : ((await agentBase.runtimeSteps?.(task, kind)) ?? [])
  },
  async collectLogs(task, label) {
    if (!isDeploying(task)) await collectRamdiskLogs(task, label)
  },
  async heartbeat(task) {
    if (task.node.provisionState === 'wait call-back') return installerProgress(task)
    return (await agentBase.heartbeat?.(task)) ?? 'wait'
  },
}
