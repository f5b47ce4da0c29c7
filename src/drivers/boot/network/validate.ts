import {
  InvalidParameterValue,
  MissingParameterValue,
  UnsupportedDriverExtension,
} from '../../../errors.js'
import { validateCapabilities } from '../../driver-info/capabilities.js'
import { isTruthy, requireParams } from '../../driver-info/fields.js'
import { requireRamdisk } from '../../driver-info/ramdisk.js'
import type { Task } from '../../interfaces.js'
import { installationOf } from './installation.js'

/** An UnsupportedDriverExtension that says why. */
export class UnmanagedInspection extends UnsupportedDriverExtension {
  constructor(reason: string) {
    super('', 'validate_inspection')
    this.message = `Insufficient information provided for managed inspection: ${reason}`
  }
}

/** @throws UnmanagedInspection when there is not enough to manage the boot of an inspection */
export async function validateInspection(task: Task, ipxe: boolean): Promise<void> {
  try {
    await validateCommon(task, ipxe)
  } catch (error) {
    if (!(error instanceof MissingParameterValue)) throw error
    throw new UnmanagedInspection(error.message)
  }
}

async function validateCommon(task: Task, ipxe: boolean): Promise<void> {
  const { node } = task
  const { deploy, ferric } = task.ctx.config
  if ((await task.ports()).length === 0) {
    throw new MissingParameterValue(`Node ${node.uuid} does not have any port associated with it`)
  }
  // The boot role of this process makes a URL of its own.
  const served = ferric.boot || Boolean(deploy.http_url)
  if (ipxe && (!served || !deploy.http_root)) {
    throw new MissingParameterValue(
      'iPXE boot is enabled but no HTTP URL or HTTP root was specified',
    )
  }
  validateCapabilities(node)
  const { image_source: image, boot_iso: iso } = node.instanceInfo ?? {}
  if (isTruthy(image) && isTruthy(iso)) {
    throw new InvalidParameterValue(
      "An 'image_source' and 'boot_iso' parameter may not be specified at the same time",
    )
  }
  requireRamdisk(task, 'deploy')
}

/** @throws MissingParameterValue, InvalidParameterValue (`PXEBaseMixin.validate`) */
export async function validateBoot(task: Task, ipxe: boolean): Promise<void> {
  await validateCommon(task, ipxe)
  const { name } = task.driver.deploy
  if (name === 'anaconda') requireServer(task)
  if (name !== 'ramdisk' && name !== 'anaconda') return
  if (!(await task.driver.storage.shouldWriteImage(task))) return
  if (name === 'anaconda') await installationOf(task)
  else requireRamdiskImages(task)
}

/** The installer loads its second stage and its kickstart file by HTTP, however it was booted. */
function requireServer({ ctx }: Task): void {
  const { deploy, ferric } = ctx.config
  if ((ferric.boot || Boolean(deploy.http_url)) && deploy.http_root) return
  throw new MissingParameterValue(
    "'kickstart' boot option is set on the node but no HTTP URL or HTTP root was specified",
  )
}

/** What a ramdisk deployment boots (`deploy_utils.get_image_instance_info`). */
export function requireRamdiskImages(task: Task): void {
  const { boot_iso: iso, kernel, ramdisk, image_source: image } = task.node.instanceInfo ?? {}
  const direct = isTruthy(kernel) || isTruthy(ramdisk)
  if (isTruthy(iso) || (!direct && isTruthy(image))) return
  requireParams(
    { kernel, ramdisk },
    `Cannot validate image information for node ${task.node.uuid} because one or more parameters are missing from its instance_info and insufficient information is present to boot from a remote volume`,
  )
}
