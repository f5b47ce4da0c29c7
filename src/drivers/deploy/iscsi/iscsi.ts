/**
 * The deployment of 2015: a small ramdisk offers the machine's disk by iSCSI, and everything else
 * is done from here (`iscsi_deploy.py` of Liberty; docs/reference/boot-deploy.md, K.3). There is no initiator in
 * the kernel involved.
 */
import { InvalidParameterValue } from '../../../errors.js'
import { pythonStr } from '../../../python/repr.js'
import { validateCapabilities } from '../../driver-info/capabilities.js'
import { requireParams } from '../../driver-info/fields.js'
import { partitionLayout } from '../../driver-info/layout.js'
import { validateRootDevice } from '../../driver-info/root-device.js'
import { StepFailed } from '../../errors.js'
import type { DeployInterface, StepDefinition, StepResult, Task } from '../../interfaces.js'
import { agentBase } from '../agent-base.js'
import { agentDeployProperties } from '../agent-properties.js'
import { deployStep, prepareInstance } from '../agent-steps.js'
import { bootsLocally, isWholeDisk, newDeployKey, ramdiskParameters } from './boot.js'
import { forgetRamdisk, noteTarget, takeCallback } from './callback.js'
import { withImage } from './image.js'
import { notifyRamdisk } from './notify.js'
import { writeInstance } from './write.js'

const { deploy_kernel, deploy_ramdisk } = agentDeployProperties

async function prepare(task: Task): Promise<void> {
  const { node, driver } = task
  if (node.provisionState === 'active') return await driver.boot.prepareInstance(task)
  forgetRamdisk(task)
  newDeployKey(task)
  await task.save()
  if (!node.disablePowerOff) await task.powerAction('power off')
  await driver.network.unconfigureTenantNetworks(task)
  await driver.network.addNetwork(task, 'provisioning')
  await driver.boot.prepareRamdisk(task, ramdiskParameters(task))
}

/** The image is fetched before the machine waits for it; what is wrong with it is known at once. */
async function bootRamdisk(task: Task): Promise<StepResult> {
  await withImage(task, () => Promise.resolve())
  await task.powerAction('rebooting')
  return 'wait call-back'
}

const localPartitions = (task: Task): boolean => bootsLocally(task) && !isWholeDisk(task)

/** The ramdisk installs the boot loader of a partition image itself, and calls once more. */
async function installBootloader(task: Task): Promise<StepResult> {
  if (!localPartitions(task)) return undefined
  await notifyRamdisk(task, 'written')
  return 'wait call-back'
}

async function finish(task: Task): Promise<StepResult> {
  const { network } = task.driver
  await network.removeNetwork(task, 'provisioning')
  await network.configureTenantNetworks(task)
  await notifyRamdisk(task, 'finished')
  forgetRamdisk(task)
  const { deploy_key: _, ...info } = task.node.instanceInfo ?? {}
  task.node.instanceInfo = info
  return undefined
}

const steps: readonly StepDefinition[] = [
  deployStep('deploy', 100, bootRamdisk),
  deployStep('write_image', 80, async (task) => {
    await writeInstance(task)
    return undefined
  }),
  deployStep('prepare_instance_boot', 60, async (task) => {
    await prepareInstance(task)
    return undefined
  }),
  deployStep('install_bootloader', 50, installBootloader),
  deployStep('reboot_to_instance', 40, finish),
]

/** Acts on what the ramdisk told. */
async function ramdiskCalled(task: Task): Promise<'next' | 'wait'> {
  await Promise.resolve()
  const callback = takeCallback(task)
  if (callback === null) return 'wait'
  const waitsFor = task.node.deployStep?.['step'] === 'deploy' ? 'deploy' : 'bootloader'
  if (callback.kind !== waitsFor) return 'wait'
  const { uuid, instanceUuid } = task.node
  if (callback.kind === 'bootloader') {
    if (callback.error === null) return 'next'
    throw new StepFailed(`Failed to install bootloader on node ${uuid}. Error: ${callback.error}.`)
  }
  if (callback.error !== null) {
    throw new StepFailed(
      `Deploy failed for instance ${instanceUuid ?? uuid}. Error: Error returned from deploy ramdisk: ${callback.error}`,
    )
  }
  noteTarget(task, callback.target)
  return 'next'
}

async function validate(task: Task): Promise<void> {
  const { node } = task
  await task.driver.boot.validate(task)
  validateCapabilities(node)
  validateRootDevice(node)
  const info = node.instanceInfo ?? {}
  requireParams(
    { 'instance_info.image_source': info['image_source'] },
    `Node ${node.uuid} failed to validate deploy image info. Some parameters were missing`,
  )
  if (!isWholeDisk(task)) {
    partitionLayout(task, { image: true })
    return
  }
  for (const name of ['swap_mb', 'ephemeral_gb']) {
    if (Number(pythonStr(info[name] ?? 0)) === 0) continue
    throw new InvalidParameterValue(
      'Cannot deploy whole disk image with swap or ephemeral size set',
    )
  }
}

export const iscsiDeploy: DeployInterface = {
  name: 'iscsi',
  kind: 'deploy',
  properties: { deploy_kernel, deploy_ramdisk },
  steps,
  validate,
  prepare,
  heartbeat: ramdiskCalled,
  tearDown: agentBase.tearDown,
  async cleanUp(task) {
    forgetRamdisk(task)
    await agentBase.cleanUp(task)
  },
  takeOver: agentBase.takeOver,
  prepareCleaning: agentBase.prepareCleaning,
  tearDownCleaning: agentBase.tearDownCleaning,
  prepareService: agentBase.prepareService,
  tearDownService: agentBase.tearDownService,
}
