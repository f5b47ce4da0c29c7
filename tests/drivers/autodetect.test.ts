import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../src/db/columns.js'
import { restoreDeployInterface } from '../../src/drivers/deploy/switch.js'
import { testTask } from './_util/task.js'

const switched = async (instanceInfo: JsonObject) => {
  const task = await testTask({
    node: { deployInterface: 'autodetect', instanceInfo },
    config: {
      DEFAULT: { enabled_deploy_interfaces: ['autodetect', 'direct', 'ramdisk', 'bootc'] },
    },
  })
  await task.driver.deploy.switchInterface?.(task)
  return task
}

describe('the autodetect deploy interface', () => {
  it.each<[string, JsonObject]>([
    ['ramdisk', { boot_iso: 'x', ironic_ramdisk_deploy: true }],
    ['ramdisk', { kernel: 'k', ramdisk: 'r', ironic_ramdisk_deploy: true }],
    ['direct', { boot_iso: 'x' }],
    ['direct', { image_source: 'http://x/y' }],
    ['direct', {}],
  ])('chooses %s for %j', async (name, instanceInfo) => {
    const task = await switched(instanceInfo)
    expect(task.driver.deploy.name).toBe(name)
    expect(task.node).toMatchObject({
      deployInterface: name,
      driverInternalInfo: { original_deploy_interface: 'autodetect' },
    })
  })

  it('comes back when the flow is over', async () => {
    const task = await switched({})
    await restoreDeployInterface(task)
    expect(task.driver.deploy.name).toBe('autodetect')
    expect(task.node).toMatchObject({ deployInterface: 'autodetect', driverInternalInfo: {} })
  })

  it('judges a node as the chosen one would', async () => {
    const task = await testTask({
      node: { deployInterface: 'autodetect' },
      config: {
        DEFAULT: { enabled_deploy_interfaces: ['autodetect', 'direct', 'ramdisk', 'bootc'] },
      },
    })
    await expect(task.driver.deploy.validate(task)).rejects.toThrow(
      `Node ${task.node.uuid} failed to validate deploy image info.`,
    )
  })

  it('deploys nothing by itself', async () => {
    const task = await testTask({
      node: { deployInterface: 'autodetect' },
      config: {
        DEFAULT: { enabled_deploy_interfaces: ['autodetect', 'direct', 'ramdisk', 'bootc'] },
      },
    })
    const text = 'does not perform any deployment itself'
    const { deploy } = task.driver
    await expect(deploy.steps?.[0]?.run(task, {})).rejects.toThrow(text)
    const methods = [
      ...(['prepare', 'tearDown', 'cleanUp', 'takeOver', 'prepareCleaning'] as const),
      ...(['tearDownCleaning', 'prepareService', 'tearDownService'] as const),
    ]
    for (const method of methods) await expect(deploy[method](task)).rejects.toThrow(text)
  })
})
