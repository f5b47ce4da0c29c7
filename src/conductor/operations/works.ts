import type { WorkTable } from '../work/types.js'
import { bootModeWork, secureBootWork } from './boot-mode.js'
import { consoleWork } from './console.js'
import { driverVendorWork, sharedVendorWork, vendorWork } from './vendor-work.js'
import { attachVirtualMediaWork, detachVirtualMediaWork } from './vmedia.js'

/** The background halves of the operations. */
export const operationWorks: WorkTable = {
  set_boot_mode: bootModeWork,
  set_secure_boot: secureBootWork,
  set_console_mode: consoleWork,
  attach_virtual_media: attachVirtualMediaWork,
  detach_virtual_media: detachVirtualMediaWork,
  vendor_passthru: vendorWork,
  vendor_passthru_shared: sharedVendorWork,
  driver_vendor_passthru: driverVendorWork,
}
