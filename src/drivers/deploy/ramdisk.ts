import { InvalidParameterValue } from '../../errors.js'
import { validateCapabilities } from '../driver-info/capabilities.js'
import { isTruthy } from '../driver-info/fields.js'
import type { DeployInterface } from '../interfaces.js'
import { refuse } from '../support.js'
import { customAgentDeploy } from './agent.js'

/** The instance is a ramdisk or an ISO that the machine boots (`drivers/modules/ramdisk.py`). */
export const ramdiskDeploy: DeployInterface = {
  ...customAgentDeploy,
  name: 'ramdisk',
  properties: {},
  steps: [{ step: 'deploy', kind: 'deploy', priority: 100, argsinfo: null, run: refuse('deploy') }],
  async validate(task) {
    if (!task.driver.boot.capabilities.includes('ramdisk_boot')) {
      throw new InvalidParameterValue(
        'Invalid configuration: The boot interface must have the `ramdisk_boot` capability. You are using an incompatible boot interface.',
      )
    }
    await task.driver.boot.validate(task)
    validateCapabilities(task.node)
  },
  async supportsDeploy(task) {
    await Promise.resolve()
    const info = task.node.instanceInfo ?? {}
    const bootable =
      isTruthy(info['boot_iso']) || (isTruthy(info['kernel']) && isTruthy(info['ramdisk']))
    return bootable && isTruthy(info['ironic_ramdisk_deploy'])
  },
}
