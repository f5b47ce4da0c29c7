import { checkIpmiAddress, ipmiProperties, parseIpmiInfo } from '../driver-info/ipmi.js'
import type { PowerInterface } from '../interfaces.js'
import { refuse } from '../support.js'

/** Power by IPMI (`drivers/modules/ipmitool.py`). */
export const ipmitoolPower: PowerInterface = {
  name: 'ipmitool',
  kind: 'power',
  properties: ipmiProperties,
  supportsPowerSync: true,
  supportedPowerStates: () => [
    'power on',
    'power off',
    'rebooting',
    'soft rebooting',
    'soft power off',
  ],
  async validate(task) {
    await Promise.resolve()
    checkIpmiAddress(parseIpmiInfo(task.node).address, task.node.uuid)
  },
  getPowerState: refuse('get_power_state'),
  setPowerState: refuse('set_power_state'),
  reboot: refuse('reboot'),
}
