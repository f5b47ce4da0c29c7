import type { JsonObject } from '../../db/columns.js'
import { IronicError, MissingParameterValue } from '../../errors.js'
import { pythonRepr } from '../../python/repr.js'
import { agentSteps, executeAgentStep } from '../agent/steps.js'
import { isTruthy } from '../driver-info/fields.js'
import type { RaidInterface, Step, StepResult, Task } from '../interfaces.js'
import { genericRaid } from './generic.js'
import { logicalDiskProperties } from './schema.js'
import { noteRaid } from './update.js'

const applyArguments = {
  raid_config: { description: 'The RAID configuration to apply.', required: true },
  delete_existing: {
    description:
      "Setting this to 'True' indicates to delete existing RAID configuration prior to creating the new configuration. Default value is 'True'.",
    required: false,
  },
}

/** The disks to build, as the agent looks for them. @throws MissingParameterValue */
function requireTarget({ node }: Task): void {
  if (isTruthy(node.targetRaidConfig)) return
  throw new MissingParameterValue(`Node ${node.uuid} has no target RAID configuration.`)
}

/** Has the agent run a step of RAID, after what has to be checked before. */
async function execute(task: Task, step: Step): Promise<StepResult> {
  if (step.step === 'apply_configuration') {
    const config = (step.args?.['raid_config'] ?? {}) as JsonObject
    await genericRaid.validateRaidConfig(task, config)
  }
  if (step.step === 'create_configuration') requireTarget(task)
  return await executeAgentStep(task, step)
}

/**
 * RAID that the agent builds (`AgentRAID` in `drivers/modules/agent.py`): what steps there are for
 * cleaning and deploying only the agent knows.
 */
export const agentRaid: RaidInterface = {
  name: 'agent',
  kind: 'raid',
  properties: {},
  logicalDiskProperties,
  ...genericRaid,
  steps: [
    {
      step: 'apply_configuration',
      kind: 'service',
      priority: 0,
      argsinfo: applyArguments,
      run: (task, args) => execute(task, { interface: 'raid', step: 'apply_configuration', args }),
    },
  ],
  executeStep: execute,

  async runtimeSteps(task, kind) {
    await Promise.resolve()
    const { deploy } = task.ctx.config
    if (kind === 'deploy') return agentSteps(task, 'deploy', 'raid')
    if (kind !== 'clean') return []
    return agentSteps(task, 'clean', 'raid', {
      delete_configuration: deploy.delete_configuration_priority,
      create_configuration: deploy.create_configuration_priority,
    })
  },

  async afterAgentStep(task, step, result) {
    await Promise.resolve()
    const { node } = task
    if (step.step === 'delete_configuration') {
      const { root_device: _hint, ...properties } = node.properties ?? {}
      Object.assign(node, { properties, raidConfig: {} })
    }
    if (step.step !== 'create_configuration' && step.step !== 'apply_configuration') return
    if (!isTruthy(result) || typeof result !== 'object') {
      throw new IronicError(
        `Agent ramdisk didn't return a proper command result while building RAID on ${node.uuid}. It returned '${pythonRepr(result)}' after command execution.`,
      )
    }
    noteRaid(task, result as JsonObject)
  },
}
