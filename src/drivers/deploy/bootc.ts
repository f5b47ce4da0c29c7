import { InvalidParameterValue } from '../../errors.js'
import type { DeployInterface } from '../interfaces.js'
import { pythonStr } from '../../python-repr.js'
import { refuse } from '../support.js'
import { customAgentDeploy } from './agent.js'

const isOci = (source: unknown): boolean =>
  typeof source === 'string' && source.startsWith('oci://')

/** A bootable container installs itself (`BootcAgentDeploy` in `drivers/modules/agent.py`). */
export const bootcDeploy: DeployInterface = {
  ...customAgentDeploy,
  name: 'bootc',
  steps: [
    ...(customAgentDeploy.steps ?? []),
    ...[['execute_bootc_install', 80] as const, ['set_boot_to_disk', 60] as const].map(
      ([step, priority]) => ({
        step,
        kind: 'deploy' as const,
        priority,
        argsinfo: null,
        run: refuse(step),
      }),
    ),
  ],
  async validate(task) {
    await customAgentDeploy.validate(task)
    const source = task.node.instanceInfo?.['image_source']
    if (!isOci(source)) throw new InvalidParameterValue(`Invalid image href ${pythonStr(source)}.`)
  },
  // Telling a bootc image from another container takes its registry, which is not asked yet.
  supportsDeploy: () => Promise.resolve(false),
}
