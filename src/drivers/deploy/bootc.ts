import { errorText } from '../../error-text.js'
import { InvalidParameterValue } from '../../errors.js'
import { pythonStr } from '../../python/repr.js'
import { executeAgentStep } from '../agent/steps.js'
import { setBootToDisk } from '../boot-device.js'
import { isTruthy } from '../driver-info/fields.js'
import type { DeployInterface, StepResult, Task } from '../interfaces.js'
import { customAgentDeploy } from './agent.js'
import {
  commonSteps,
  deployStep,
  orFail,
  prepareInstance,
  preparesInstanceBoot,
} from './agent-steps.js'
import { instanceConfigDrive } from './config-drive.js'

const isOci = (source: unknown): boolean =>
  typeof source === 'string' && source.startsWith('oci://')

/** The pull secret of the registry as the agent takes it, or null. */
function pullSecret({ node }: Task): string | null {
  const secret = node.instanceInfo?.['image_pull_secret'] ?? node.driverInfo?.['image_pull_secret']
  return isTruthy(secret) ? Buffer.from(pythonStr(secret)).toString('base64') : null
}

/** Has the agent pull the container and let it install itself. */
async function install(task: Task): Promise<StepResult> {
  const args = {
    image_source: task.node.instanceInfo?.['image_source'],
    configdrive: await instanceConfigDrive(task),
    oci_pull_secret: pullSecret(task),
  }
  const step = { interface: 'deploy', step: 'execute_bootc_install', args }
  return await executeAgentStep(task, step, 'deploy')
}

/** A bootable container installs itself (`BootcAgentDeploy` in `drivers/modules/agent.py`). */
export const bootcDeploy: DeployInterface = {
  ...customAgentDeploy,
  name: 'bootc',
  steps: [
    ...commonSteps,
    deployStep('execute_bootc_install', 80, install),
    deployStep('set_boot_to_disk', 60, async (task) => {
      await orFail(
        task,
        () => setBootToDisk(task),
        (error) =>
          `Failed to change the boot device to disk when deploying node ${task.node.uuid}: ${errorText(error)}`,
      )
      return undefined
    }),
    preparesInstanceBoot(prepareInstance),
  ],
  async validate(task) {
    await customAgentDeploy.validate(task)
    const source = task.node.instanceInfo?.['image_source']
    if (!isOci(source)) throw new InvalidParameterValue(`Invalid image href ${pythonStr(source)}.`)
  },
  // Telling a bootc image from another container takes its registry, which is not asked yet.
  supportsDeploy: () => Promise.resolve(false),
}
