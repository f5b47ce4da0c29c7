import { InvalidParameterValue } from '../../errors.js'
import { redfishProperties, validateRedfish } from '../driver-info/redfish.js'
import type { ManagementInterface } from '../interfaces.js'
import { refuse, unsupported } from '../support.js'

const devices = ['pxe', 'disk', 'cdrom', 'bios', 'uefihttp']

/** Management by Redfish (`drivers/modules/redfish/management.py`). */
export const redfishManagement: ManagementInterface = {
  name: 'redfish',
  kind: 'management',
  properties: redfishProperties,
  validate: validateRedfish,
  supportedBootDevices: () => Promise.resolve([...devices]),
  async setBootDevice(task, device) {
    await validateRedfish(task)
    if (!devices.includes(device)) {
      throw new InvalidParameterValue(`Invalid boot device ${device} specified.`)
    }
    throw unsupported(task, 'set_boot_device')
  },
  getBootDevice: refuse('get_boot_device'),
}

/** The same for Dell's machines (`drivers/modules/drac/management.py`). */
export const idracManagement: ManagementInterface = { ...redfishManagement, name: 'idrac-redfish' }
