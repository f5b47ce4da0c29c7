import { validateCapabilities } from '../driver-info/capabilities.js'
import { validateInstanceImage } from '../driver-info/image.js'
import { validateRootDevice } from '../driver-info/root-device.js'
import type { DeployInterface, Task } from '../interfaces.js'
import { nothing } from '../support.js'
import { agentBase } from './agent-base.js'
import { agentDeployProperties } from './agent-properties.js'
import { commonSteps, deployStep, prepareInstance, preparesInstanceBoot } from './agent-steps.js'
import { forgetInstanceImage, noteInstanceImage } from './instance-image.js'
import { prepareWrittenInstance } from './local-boot.js'
import { prepareAgentDeploy } from './prepare.js'
import { writeImage } from './write-image.js'

async function validateAgent(task: Task): Promise<void> {
  if (task.ctx.config.agent.manage_agent_boot) await task.driver.boot.validate(task)
  validateCapabilities(task.node)
  validateRootDevice(task.node)
}

/** Deployment by the agent with steps of the operator's own (`CustomAgentDeploy`). */
export const customAgentDeploy: DeployInterface = {
  ...agentBase,
  name: 'custom-agent',
  properties: agentDeployProperties,
  steps: [...commonSteps, preparesInstanceBoot(prepareInstance)],
  validate: validateAgent,
  prepare: (task) => prepareAgentDeploy(task, nothing),
  async cleanUp(task) {
    await agentBase.cleanUp(task)
    await forgetInstanceImage(task)
  },
}

/** The agent writes the image itself (`AgentDeploy`). */
export const directDeploy: DeployInterface = {
  ...customAgentDeploy,
  name: 'direct',
  steps: [
    ...commonSteps,
    deployStep('write_image', 80, writeImage),
    preparesInstanceBoot(prepareWrittenInstance),
  ],
  async validate(task) {
    await validateAgent(task)
    if (await task.driver.storage.shouldWriteImage(task)) validateInstanceImage(task)
  },
  prepare: (task) => prepareAgentDeploy(task, noteInstanceImage),
}
