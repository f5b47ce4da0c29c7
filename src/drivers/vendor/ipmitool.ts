import { MissingParameterValue } from '../../errors.js'
import { isTruthy } from '../driver-info/fields.js'
import { ipmiProperties, parseIpmiInfo } from '../driver-info/ipmi.js'
import type { VendorInterface } from '../interfaces.js'
import { refuse } from '../support.js'
import { passthru } from './methods.js'

/** Raw IPMI requests and BMC resets (`drivers/modules/ipmitool.py`). */
export const ipmitoolVendor: VendorInterface = {
  name: 'ipmitool',
  kind: 'vendor',
  properties: ipmiProperties,
  nodeMethods: {
    send_raw: passthru(
      "Send raw bytes to the BMC. Required argument: 'raw_bytes' - a string of raw bytes (e.g. '0x00 0x01').",
      refuse('send_raw'),
    ),
    bmc_reset: passthru(
      "Reset the BMC. Required argument: 'warm' (Boolean) - for warm (True) or cold (False) reset.",
      refuse('bmc_reset'),
    ),
  },
  driverMethods: {},
  async validate(task) {
    await Promise.resolve()
    parseIpmiInfo(task.node)
  },
  async validateMethod(task, method, args) {
    await Promise.resolve()
    if (method === 'send_raw' && !isTruthy(args['raw_bytes'])) {
      throw new MissingParameterValue('Parameter raw_bytes (string of bytes) was not specified.')
    }
    parseIpmiInfo(task.node)
  },
}
