import {
  InvalidParameterValue,
  MissingParameterValue,
  UnsupportedDriverExtension,
} from '../../errors.js'
import { validateCapabilities } from '../driver-info/capabilities.js'
import { isTruthy, requireParams } from '../driver-info/fields.js'
import { requireRamdisk } from '../driver-info/ramdisk.js'
import type { BootInterface } from '../interfaces.js'
import { refuse } from '../support.js'
import type { Task } from '../task.js'

const properties = {
  deploy_kernel: 'UUID (from Glance) of the deployment kernel. Required.',
  deploy_ramdisk: 'UUID (from Glance) of the ramdisk that is mounted at boot time. Required.',
  force_persistent_boot_device:
    "Controls the persistency of boot order changes. 'Always' will make all changes persistent, 'Default' will make all but the final one upon instance deployment non-persistent, and 'Never' will make no persistent changes at all. The old values 'True' and 'False' are still supported but deprecated in favor of the new ones.Defaults to 'Default'. Optional.",
  rescue_kernel: 'UUID (from Glance) of the rescue kernel. This value is required for rescue mode.',
  rescue_ramdisk:
    'UUID (from Glance) of the rescue ramdisk with agent that is used at node rescue time. This value is required for rescue mode.',
  kernel_append_params:
    'Additional kernel parameters to pass down to instance kernel. These parameters can be consumed by the kernel or by the applications by reading /proc/cmdline. Mind severe cmdline size limit. When used with virtual media, only applies to ISO images that Ironic builds, but not to pre-built ISOs provided via e.g. deploy_iso. Overrides the [pxe]/kernel_append_params configuration option, use %default% to insert its value.',
}

interface Flavour {
  readonly name: string
  readonly capabilities: readonly string[]
  /** The boot program is iPXE, which loads everything by HTTP. */
  readonly ipxe: boolean
}

/** Boot from the network; the flavours differ in the boot program (`pxe_base.py`). */
const networkBoot = ({ name, capabilities, ipxe }: Flavour): BootInterface => ({
  name,
  kind: 'boot',
  properties,
  capabilities,
  validate: (task) => validateBoot(task, ipxe),
  async validateRescue(task) {
    await Promise.resolve()
    requireRamdisk(task, 'rescue')
  },
  async validateInspection(task) {
    try {
      await validateCommon(task, ipxe)
    } catch (error) {
      if (!(error instanceof MissingParameterValue)) throw error
      // Not enough to manage the boot: inspection goes on with an unmanaged one.
      throw new UnmanagedInspection(error.message)
    }
  },
  prepareRamdisk: refuse('prepare_ramdisk'),
  cleanUpRamdisk: refuse('clean_up_ramdisk'),
  prepareInstance: refuse('prepare_instance'),
  cleanUpInstance: refuse('clean_up_instance'),
})

/** An UnsupportedDriverExtension that says why. */
export class UnmanagedInspection extends UnsupportedDriverExtension {
  constructor(reason: string) {
    super('', 'validate_inspection')
    this.message = `Insufficient information provided for managed inspection: ${reason}`
  }
}

async function validateCommon(task: Task, ipxe: boolean): Promise<void> {
  const { node } = task
  const { deploy } = task.ctx.config
  if ((await task.ports()).length === 0) {
    throw new MissingParameterValue(`Node ${node.uuid} does not have any port associated with it`)
  }
  if (ipxe && (!deploy.http_url || !deploy.http_root)) {
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

async function validateBoot(task: Task, ipxe: boolean): Promise<void> {
  await validateCommon(task, ipxe)
  if (task.driver.deploy.name !== 'ramdisk') return
  if (!(await task.driver.storage.shouldWriteImage(task))) return
  requireRamdiskImages(task)
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

const ipxeCapabilities = ['iscsi_volume_boot', 'ramdisk_boot', 'ipxe_boot', 'pxe_boot']

export const pxeBoot = networkBoot({
  name: 'pxe',
  capabilities: ['ramdisk_boot', 'pxe_boot'],
  ipxe: false,
})
export const httpBoot = networkBoot({
  name: 'http',
  capabilities: ['ramdisk_boot', 'pxe_boot'],
  ipxe: false,
})
export const ipxeBoot = networkBoot({ name: 'ipxe', capabilities: ipxeCapabilities, ipxe: true })
export const httpIpxeBoot = networkBoot({
  name: 'http-ipxe',
  capabilities: ipxeCapabilities,
  ipxe: true,
})
