import type { JsonObject } from '../../db/columns.js'
import {
  noteCallback,
  readBootloaderInfo,
  readDeployInfo,
  type Callback,
} from '../deploy/iscsi/callback.js'
import type { PassthruMethod, VendorInterface, Task } from '../interfaces.js'
import { passthru } from './methods.js'

type Reader = (task: Task, args: JsonObject) => Callback
const readers: Readonly<Record<string, Reader>> = {
  pass_deploy_info: readDeployInfo,
  pass_bootloader_install_info: readBootloaderInfo,
}

const told = (description: string, read: Reader): PassthruMethod =>
  passthru(
    description,
    async (task, args) => {
      noteCallback(task, read(task, args))
      await task.save()
    },
    { resumes: true },
  )

/** The calls of the deploy ramdisk of 2015 (`VendorPassthru` in Liberty's `iscsi_deploy.py`). */
const iscsiMethods: Readonly<Record<string, PassthruMethod>> = {
  pass_deploy_info: told(
    'Continue the deployment: where the ramdisk offers its disk.',
    readDeployInfo,
  ),
  pass_bootloader_install_info: told(
    'Whether the ramdisk could install the boot loader.',
    readBootloaderInfo,
  ),
}

/** Another vendor interface with the calls of the ramdisk added. */
export const withIscsiCalls = (name: string, base: VendorInterface): VendorInterface => ({
  ...base,
  name,
  nodeMethods: { ...base.nodeMethods, ...iscsiMethods },
  async validateMethod(task, method, args) {
    const read = Object.hasOwn(readers, method) ? readers[method] : undefined
    if (read === undefined) return await base.validateMethod(task, method, args)
    read(task, args)
  },
})

const nothingElse: VendorInterface = {
  name: 'iscsi',
  kind: 'vendor',
  properties: {},
  nodeMethods: {},
  driverMethods: {},
  validate: () => Promise.resolve(),
  validateMethod: () => Promise.resolve(),
}

export const iscsiVendor: VendorInterface = withIscsiCalls('iscsi', nothingElse)
