import { InvalidParameterValue, ServerError } from '../../errors.js'
import type { DeployInterface, Task } from '../interfaces.js'
import { nothing } from '../support.js'
import { switchDeployInterface } from './switch.js'

const notSwitched = async (): Promise<never> => {
  await Promise.resolve()
  throw new ServerError(
    'Autodetect deploy interface did not switch to a concrete interface during switch_interface(). This indicates a bug or misconfiguration.',
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

/** Chooses how to deploy when the deployment begins (`drivers/modules/autodetect.py`). */
export const autodetectDeploy: DeployInterface = {
  name: 'autodetect',
  kind: 'deploy',
  properties: {},
  steps: [{ step: 'deploy', kind: 'deploy', priority: 100, argsinfo: null, run: notSwitched }],
  async validate(task) {
    await (await choose(task)).validate(task)
  },
  async switchInterface(task) {
    await switchDeployInterface(task, (await choose(task)).name)
  },
  prepare: notSwitched,
  tearDown: nothing,
  cleanUp: nothing,
  takeOver: nothing,
  prepareCleaning: () => Promise.resolve(undefined),
  tearDownCleaning: nothing,
  prepareService: () => Promise.resolve(undefined),
  tearDownService: nothing,
}
