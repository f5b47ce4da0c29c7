import { InvalidParameterValue } from '../../errors.js'
import { ipmiProperties, parseIpmiInfo } from '../driver-info/ipmi.js'
import type { ManagementInterface } from '../interfaces.js'
import { refuse, unsupported } from '../support.js'
import type { Task } from '../task.js'

const devices = ['pxe', 'disk', 'cdrom', 'bios', 'safe']

/** @throws InvalidParameterValue, MissingParameterValue */
async function validate(task: Task): Promise<void> {
  await Promise.resolve()
  parseIpmiInfo(task.node)
}

/** Management by IPMI (`drivers/modules/ipmitool.py`). */
export const ipmitoolManagement: ManagementInterface = {
  name: 'ipmitool',
  kind: 'management',
  properties: ipmiProperties,
  validate,
  supportedBootDevices: () => Promise.resolve([...devices]),
  async setBootDevice(task, device) {
    await Promise.resolve()
    if (!devices.includes(device)) {
      throw new InvalidParameterValue(`Invalid boot device ${device} specified.`)
    }
    throw unsupported(task, 'set_boot_device')
  },
  getBootDevice: refuse('get_boot_device'),
}

/** The same for Intel's machines (`drivers/modules/intel_ipmi/management.py`). */
export const intelIpmitoolManagement: ManagementInterface = {
  ...ipmitoolManagement,
  name: 'intel-ipmitool',
}
