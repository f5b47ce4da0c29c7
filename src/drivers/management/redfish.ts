import { redfishProperties, validateRedfish } from '../driver-info/redfish.js'
import type { ManagementInterface } from '../interfaces.js'
import { bootTargets, getBootDevice, setBootDevice } from '../redfish/boot-device.js'

/** Management by Redfish (`drivers/modules/redfish/management.py`). */
export const redfishManagement: ManagementInterface = {
  name: 'redfish',
  kind: 'management',
  properties: redfishProperties,
  validate: validateRedfish,
  supportedBootDevices: () => Promise.resolve(Object.keys(bootTargets)),
  setBootDevice,
  getBootDevice,
}

/** The same for Dell's machines (`drivers/modules/drac/management.py`). */
export const idracManagement: ManagementInterface = { ...redfishManagement, name: 'idrac-redfish' }
