import { InvalidParameterValue } from '../../errors.js'
import type { ManagementInterface } from '../interfaces.js'
import { nothing } from '../support.js'

const devices = ['pxe', 'disk']

/**
 * Management by hand: the machine must boot from the network first and from disk second
 * (`drivers/modules/noop_mgmt.py`).
 */
export const noopManagement: ManagementInterface = {
  name: 'noop',
  kind: 'management',
  properties: {},
  validate: nothing,
  supportedBootDevices: () => Promise.resolve([...devices]),
  async setBootDevice(_task, device) {
    await Promise.resolve()
    if (!devices.includes(device)) {
      throw new InvalidParameterValue(
        `Invalid boot device ${device} specified, supported are ${devices.join(', ')}.`,
      )
    }
  },
  getBootDevice: () => Promise.resolve({ boot_device: 'pxe', persistent: true }),
}
