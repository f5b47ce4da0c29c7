import { InvalidParameterValue } from '../../errors.js'
import { validateCapabilities } from '../driver-info/capabilities.js'
import { isTruthy } from '../driver-info/fields.js'
import type { DeployInterface, Task } from '../interfaces.js'
import { agentBase } from './agent-base.js'
import { deployStep } from './agent-steps.js'
import { noteBootVolume } from './prepare.js'

/** The machine boots the instance itself from the network: there is nothing to wait for. */
async function deploy(task: Task): Promise<undefined> {
  const { node, driver } = task
  const ignored =
    isTruthy(node.instanceInfo?.['configdrive']) &&
    !driver.boot.capabilities.includes('ramdisk_boot_configdrive')
  if (ignored) {
    task.ctx.log.deploy.warn(
      { node: node.uuid, boot: driver.boot.name },
      'the config drive is ignored: the boot interface cannot give a ramdisk one',
    )
  }
  await task.powerAction('power off')
  await driver.network.configureTenantNetworks(task)
  await driver.boot.prepareInstance(task)
  await task.powerAction('power on')
}

async function prepare(task: Task): Promise<void> {
  const { node, driver } = task
  await noteBootVolume(task)
  if (node.provisionState === 'deploying') {
    await driver.network.validate(task)
    await task.powerAction('power off')
    await driver.storage.attachVolumes(task)
  }
  if (node.provisionState === 'active' || node.provisionState === 'unrescuing') {
    await driver.boot.prepareInstance(task)
  }
}

/** The instance is a ramdisk or an ISO that the machine boots (`drivers/modules/ramdisk.py`). */
export const ramdiskDeploy: DeployInterface = {
  ...agentBase,
  name: 'ramdisk',
  properties: {},
  steps: [deployStep('deploy', 100, deploy)],
  prepare,
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
