import { InvalidParameterValue } from '../../../errors.js'
import { managersOf } from '../../../protocols/redfish/resources/manager.js'
import type { Task } from '../../interfaces.js'
import { withBmc } from '../bmc.js'

/**
 * Checks that an iDRAC boots from virtual media by the standard's own means.
 * @throws InvalidParameterValue, RedfishError, RedfishConnectionError
 */
export async function requireSuitableIdrac(task: Task, vendor: string): Promise<void> {
  const version = await withBmc(task, async (bmc) => {
    const [manager] = await managersOf(bmc.talk, await bmc.system())
    return manager?.firmwareVersion ?? null
  })
  const major = version?.split('.')[0]
  if (major === '6' || major === '7') return
  throw new InvalidParameterValue(
    `The ${task.driver.boot.name} boot interface is not suitable for node ${task.node.uuid} with vendor ${vendor} and BMC version ${version ?? 'None'}, the interface only supports iDRAC9 versions between 6.0.0.0 and 7.x.x.x. Other versions are incompatible by default and you should use the idrac-redfish-virtual-media boot interface instead`,
  )
}
