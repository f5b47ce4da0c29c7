import { expect, it } from 'vitest'
import { testTask } from '../_util/task.js'

it.each(['pxe_ipmitool', 'pxe_ipminative', 'fake_pxe'])(
  '%s can be enabled and takes the calls of its ramdisk',
  async (driver) => {
    const task = await testTask({
      node: { driver },
      config: { DEFAULT: { enabled_hardware_types: [driver] } },
    })
    expect([task.driver.deploy.name, task.driver.boot.name]).toEqual(['iscsi', 'pxe'])
    const { pass_deploy_info: first, pass_bootloader_install_info: second } =
      task.driver.vendor.nodeMethods
    for (const method of [first, second]) {
      expect(method).toMatchObject({
        async: true,
        httpMethods: ['POST'],
        requireExclusiveLock: true,
      })
    }
  },
)
