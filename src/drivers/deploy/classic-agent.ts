/** Deployment by an agent of 2015 (Liberty's `agent.py` and `agent_base_vendor.py`). */
import { errorText } from '../../error-text.js'
import type { JsonObject } from '../../db/columns.js'
import { commandError } from '../../protocols/ipa/result.js'
import { agentCommand, agentCommands } from '../agent/call.js'
import { agentProgress } from '../agent/progress.js'
import { setBootDevice } from '../boot-device.js'
import { RunningDeployFailure, StepFailed } from '../errors.js'
import { infoOf } from '../internal-info.js'
import { InvalidParameterValue } from '../../errors.js'
import type { DeployInterface, HeartbeatOutcome, StepResult, Task } from '../interfaces.js'
import { directDeploy } from './agent.js'
import { deployStep, softPowerOff } from './agent-steps.js'
import { instanceConfigDrive } from './config-drive.js'
import { forgetInstanceImage } from './instance-image.js'
import { imageInfo } from './write-image.js'

const command = 'prepare_image'

async function deploy(task: Task): Promise<StepResult> {
  await task.powerAction('rebooting')
  return 'wait call-back'
}

/** Has the agent write the image; the address is told to it anew at each heartbeat. */
async function writeImage(task: Task): Promise<StepResult> {
  const image = imageInfo(task)
  const keys = ['id', 'urls', 'checksum', 'disk_format', 'container_format']
  const known: JsonObject = Object.fromEntries(keys.map((key) => [key, image[key] ?? null]))
  const configdrive = await instanceConfigDrive(task)
  const params = { image_info: known, ...(configdrive === null ? {} : { configdrive }) }
  await agentCommand(task, `standby.${command}`, params)
  return 'wait call-back'
}

/** The image is written: the machine boots from its disk from now on. */
async function bootInstance(task: Task): Promise<undefined> {
  try {
    await setBootDevice(task, 'disk', true)
    await task.driver.boot.prepareInstance(task)
    await softPowerOff(task)
    await forgetInstanceImage(task)
    await task.powerAction('power on')
  } catch (error) {
    task.signal.throwIfAborted()
    const text = `Error rebooting node ${task.node.uuid} after deploy. Error: ${errorText(error)}`
    throw new RunningDeployFailure(text, error)
  }
}

/** How far the agent is with the image. @throws StepFailed */
async function imageProgress(task: Task): Promise<HeartbeatOutcome> {
  if (task.node.deployStep?.['step'] !== 'write_image') return 'next'
  const last = (await agentCommands(task)).at(-1)
  if (last?.command_name !== command || last.command_status === 'RUNNING') return 'wait'
  if (last.command_status !== 'FAILED') return 'next'
  throw new StepFailed(`node ${task.node.uuid} command status errored: ${commandError(last)}`)
}

/** `deploy` of the classic drivers named `agent_*`. */
export const classicAgentDeploy: DeployInterface = {
  ...directDeploy,
  name: 'classic-agent',
  steps: [
    deployStep('deploy', 100, deploy),
    deployStep('write_image', 80, writeImage),
    deployStep('boot_instance', 20, bootInstance),
  ],
  async validate(task) {
    await directDeploy.validate(task)
    if (infoOf(task.node)['is_whole_disk_image'] !== false) return
    throw new InvalidParameterValue(
      `Node ${task.node.uuid} is configured to use the ${task.node.driver ?? ''} driver which currently does not support deploying partition images.`,
    )
  },
  async refreshSteps(task, kind) {
    // There are no steps of deployments to ask for.
    if (kind === 'clean') await directDeploy.refreshSteps?.(task, kind)
  },
  async heartbeat(task) {
    return await (task.node.provisionState === 'wait call-back'
      ? imageProgress(task)
      : agentProgress(task))
  },
}
