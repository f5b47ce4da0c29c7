import { requireRamdisk } from '../driver-info/ramdisk.js'
import type { BootInterface } from '../interfaces.js'
import { switchSecureBoot } from './boot-mode.js'
import type { Flavour } from './network/flavour.js'
import { cleanUp, prepareInstance, prepareRamdisk } from './network/prepare.js'
import { bootRetry } from './network/retry.js'
import { validateBoot, validateInspection } from './network/validate.js'

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

/**
 * Boot from the network; the flavours differ in the boot program (`pxe_base.py`). What is served is
 * computed by `src/netboot` from the plan these methods write, so that any process serves any node.
 */
const networkBoot = (flavour: Flavour): BootInterface => ({
  name: flavour.name,
  kind: 'boot',
  properties,
  capabilities: flavour.capabilities,
  periodics: [bootRetry(flavour)],
  validate: (task) => validateBoot(task, flavour.ipxe),
  async validateRescue(task) {
    await Promise.resolve()
    requireRamdisk(task, 'rescue')
  },
  validateInspection: (task) => validateInspection(task, flavour.ipxe),
  prepareRamdisk: (task, params) => prepareRamdisk(task, flavour, params),
  cleanUpRamdisk: cleanUp,
  prepareInstance: (task) => prepareInstance(task, flavour),
  async cleanUpInstance(task) {
    await cleanUp(task)
    await switchSecureBoot(task, false)
  },
})

const plain = ['ramdisk_boot', 'pxe_boot']
const withIpxe = ['iscsi_volume_boot', 'ramdisk_boot', 'ipxe_boot', 'pxe_boot']

export const pxeBoot = networkBoot({ name: 'pxe', capabilities: plain, ipxe: false, http: false })
export const httpBoot = networkBoot({ name: 'http', capabilities: plain, ipxe: false, http: true })
export const ipxeBoot = networkBoot({
  name: 'ipxe',
  capabilities: withIpxe,
  ipxe: true,
  http: false,
})
export const httpIpxeBoot = networkBoot({
  name: 'http-ipxe',
  capabilities: withIpxe,
  ipxe: true,
  http: true,
})
