import { UnsupportedDriverExtension } from '../../../errors.js'
import type { Task } from '../../interfaces.js'
import { probeIpmi } from './ipmi.js'
import { probeRedfish } from './redfish.js'
import type { BmcReport } from './report.js'

/**
 * Asks a node's BMC what it is and what it can do, by the protocol its power is driven with.
 * Changes nothing.
 * @throws UnsupportedDriverExtension when that is neither IPMI nor Redfish; Invalid, and what the
 *   drivers throw
 */
export async function probeBmc(task: Task): Promise<BmcReport> {
  const { name } = task.driver.power
  if (name.includes('redfish')) return await probeRedfish(task)
  if (/ipmi|pyghmi/.test(name)) return await probeIpmi(task)
  throw new UnsupportedDriverExtension(task.node.driver ?? '', 'bmc probe')
}
