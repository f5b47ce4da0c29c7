import { InvalidParameterValue, MissingParameterValue } from '../../../errors.js'
import type { JsonObject } from '../../../db/columns.js'
import { IpmiRawError, parseRawBytes } from '../../../protocols/ipmi/commands/raw.js'
import { pythonStr } from '../../../python/repr.js'
import { isTruthy, lenientBool } from '../../driver-info/fields.js'
import { ipmiProperties, parseIpmiInfo } from '../driver-info.js'
import type { StepDefinition, VendorInterface, Task } from '../../interfaces.js'
import { ipmiEngine } from '../choose-engine.js'
import { passthru } from '../../vendor/methods.js'

/** The bytes to send. @throws MissingParameterValue, InvalidParameterValue */
function rawBytes(args: JsonObject, missing: string): string {
  const given = args['raw_bytes']
  if (!isTruthy(given)) throw new MissingParameterValue(missing)
  const text = pythonStr(given)
  try {
    parseRawBytes(text)
  } catch (error) {
    if (!(error instanceof IpmiRawError)) throw error
    throw new InvalidParameterValue(`Invalid raw_bytes '${text}': ${error.message}`)
  }
  return text
}

async function sendRaw(task: Task, args: JsonObject): Promise<undefined> {
  await ipmiEngine(task).raw(rawBytes(args, 'Argument raw_bytes is missing.'))
  return undefined
}

const sendRawStep = (kind: 'clean' | 'deploy' | 'service'): StepDefinition => ({
  step: 'send_raw',
  kind,
  priority: 0,
  abortable: false,
  requiresRamdisk: kind !== 'clean',
  argsinfo: {
    raw_bytes: {
      description: 'A string of raw bytes to convey the request to transmit to the remote BMC.',
      required: true,
    },
  },
  run: sendRaw,
})

/** Raw IPMI requests and BMC resets (`drivers/modules/ipmitool.py`). */
export const ipmitoolVendor: VendorInterface = {
  name: 'ipmitool',
  kind: 'vendor',
  properties: ipmiProperties,
  nodeMethods: {
    send_raw: passthru(
      "Send raw bytes to the BMC. Required argument: 'raw_bytes' - a string of raw bytes (e.g. '0x00 0x01').",
      sendRaw,
    ),
    bmc_reset: passthru(
      "Reset the BMC. Required argument: 'warm' (Boolean) - for warm (True) or cold (False) reset.",
      async (task, args) => {
        const warm = lenientBool(args['warm'] ?? true)
        await ipmiEngine(task).resetBmc(warm ? 'warm' : 'cold')
      },
    ),
  },
  driverMethods: {},
  steps: [sendRawStep('clean'), sendRawStep('deploy'), sendRawStep('service')],
  async validate(task) {
    await Promise.resolve()
    parseIpmiInfo(task.node)
  },
  async validateMethod(task, method, args) {
    await Promise.resolve()
    if (method === 'send_raw') {
      rawBytes(args, 'Parameter raw_bytes (string of bytes) was not specified.')
    }
    parseIpmiInfo(task.node)
  },
}
