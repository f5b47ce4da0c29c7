import { redfishProperties, validateRedfish } from '../driver-info/redfish.js'
import type { BiosInterface } from '../interfaces.js'
import { refuse } from '../support.js'

/** BIOS settings by Redfish (`drivers/modules/redfish/bios.py`). */
export const redfishBios: BiosInterface = {
  name: 'redfish',
  kind: 'bios',
  properties: redfishProperties,
  validate: validateRedfish,
  cacheBiosSettings: refuse('cache_bios_settings'),
}
export const idracBios: BiosInterface = { ...redfishBios, name: 'idrac-redfish' }
