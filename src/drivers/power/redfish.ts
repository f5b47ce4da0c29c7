import { redfishProperties, validateRedfish } from '../driver-info/redfish.js'
import type { PowerInterface } from '../interfaces.js'
import { refuse } from '../support.js'

/** Power by Redfish (`drivers/modules/redfish/power.py`). */
export const redfishPower: PowerInterface = {
  name: 'redfish',
  kind: 'power',
  properties: redfishProperties,
  supportsPowerSync: true,
  supportedPowerStates: () => [
    'power on',
    'power off',
    'rebooting',
    'soft rebooting',
    'soft power off',
  ],
  validate: validateRedfish,
  getPowerState: refuse('get_power_state'),
  setPowerState: refuse('set_power_state'),
  reboot: refuse('reboot'),
}

/** The same for Dell's machines (`drivers/modules/drac/power.py`). */
export const idracPower: PowerInterface = { ...redfishPower, name: 'idrac-redfish' }
