import { validateCapabilities } from '../driver-info/capabilities.js'
import { validateInstanceImage } from '../driver-info/image.js'
import { validateRootDevice } from '../driver-info/root-device.js'
import type { DeployInterface, StepDefinition } from '../interfaces.js'
import { refuse } from '../support.js'
import type { Task } from '../task.js'
import { agentDeployProperties } from './agent-properties.js'
import { restoreDeployInterface } from './switch.js'

const step = (name: string, priority: number): StepDefinition => ({
  step: name,
  kind: 'deploy',
  priority,
  argsinfo: null,
  run: refuse(name),
})

/** What remains to be done once the image is there, whoever wrote it (conductor.md, 11.3). */
const commonSteps = [
  step('deploy', 100),
  step('prepare_instance_boot', 60),
  step('tear_down_agent', 40),
  step('switch_to_tenant_network', 30),
  step('boot_instance', 20),
]

async function validateAgent(task: Task): Promise<void> {
  if (task.ctx.config.agent.manage_agent_boot) await task.driver.boot.validate(task)
  validateCapabilities(task.node)
  validateRootDevice(task.node)
}

/** Deployment by the agent with steps of the operator's own (`CustomAgentDeploy`). */
export const customAgentDeploy: DeployInterface = {
  name: 'custom-agent',
  kind: 'deploy',
  properties: agentDeployProperties,
  steps: commonSteps,
  validate: validateAgent,
  prepare: refuse('prepare'),
  tearDown: refuse('tear_down'),
  cleanUp: refuse('clean_up'),
  takeOver: refuse('take_over'),
  prepareCleaning: refuse('prepare_cleaning'),
  tearDownCleaning: refuse('tear_down_cleaning'),
  prepareService: refuse('prepare_service'),
  tearDownService: refuse('tear_down_service'),
  restoreInterface: restoreDeployInterface,
}

/** The agent writes the image itself (`AgentDeploy`). */
export const directDeploy: DeployInterface = {
  ...customAgentDeploy,
  name: 'direct',
  steps: [...commonSteps, step('write_image', 80)],
  async validate(task) {
    await validateAgent(task)
    if (await task.driver.storage.shouldWriteImage(task)) validateInstanceImage(task)
  },
}
