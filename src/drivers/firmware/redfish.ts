import { redfishProperties, validateRedfish } from '../driver-info/redfish.js'
import type { FirmwareInterface } from '../interfaces.js'
import { refuse } from '../support.js'

/** Firmware by Redfish (`drivers/modules/redfish/firmware.py`). */
export const redfishFirmware: FirmwareInterface = {
  name: 'redfish',
  kind: 'firmware',
  properties: redfishProperties,
  validate: validateRedfish,
  cacheFirmwareComponents: refuse('cache_firmware_components'),
}
