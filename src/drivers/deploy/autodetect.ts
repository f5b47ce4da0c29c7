import { InvalidParameterValue, ServerError } from '../../errors.js'
import type { DeployInterface, Task } from '../interfaces.js'
import { agentBase } from './agent-base.js'
import { switchDeployInterface } from './switch.js'

/** A method that only a concrete interface has. A quiet one would let a node pass with its disks not cleaned. */
const notSwitched =
  (method: string) =>
  async (task: Task): Promise<never> => {
    await Promise.resolve()
    throw new ServerError(
      `${method} was called on the autodetect deploy interface for node ${task.node.uuid}, which does not perform any deployment itself. The autodetect interface did not switch to a concrete interface during switch_interface(). This indicates a bug or misconfiguration.`,
    )
  }

/** Returns the first interface that supports the instance, else the last one in the list. */
async function choose(task: Task): Promise<DeployInterface> {
  let chosen: DeployInterface | undefined
  for (const name of task.ctx.config.DEFAULT.autodetect_deploy_interfaces) {
    chosen = task.deployInterface(name)
    if ((await chosen.supportsDeploy?.(task)) ?? true) return chosen
  }
  if (chosen !== undefined) return chosen
  throw new InvalidParameterValue(
    'No valid deploy interfaces found in autodetect_deploy_interfaces configuration.',
  )
}

/**
 * Chooses the concrete interface when a flow starts (`drivers/modules/autodetect.py`). The agent may
 * call before that, during inspection, and on behalf of a rescue, so heartbeats count as an agent's.
 */
export const autodetectDeploy: DeployInterface = {
  name: 'autodetect',
  kind: 'deploy',
  properties: {},
  steps: [
    { step: 'deploy', kind: 'deploy', priority: 100, argsinfo: null, run: notSwitched('deploy') },
  ],
  async validate(task) {
    await (await choose(task)).validate(task)
  },
  async switchInterface(task) {
    const { name } = await choose(task)
    task.ctx.log.deploy.info(
      { node: task.node.uuid, deploy: name },
      'autodetect chose a deploy interface',
    )
    await switchDeployInterface(task, name)
  },
  prepare: notSwitched('prepare'),
  tearDown: notSwitched('tear_down'),
  cleanUp: notSwitched('clean_up'),
  takeOver: notSwitched('take_over'),
  prepareCleaning: notSwitched('prepare_cleaning'),
  tearDownCleaning: notSwitched('tear_down_cleaning'),
  prepareService: notSwitched('prepare_service'),
  tearDownService: notSwitched('tear_down_service'),
  heartbeat: async (task) => (await agentBase.heartbeat?.(task)) ?? 'wait',
}
