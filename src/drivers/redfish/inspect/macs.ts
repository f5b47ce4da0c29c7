import { MissingAttribute } from '../../../protocols/redfish/errors.js'
import {
  ethernetInterfaces,
  type EthernetInterface,
} from '../../../protocols/redfish/resources/ethernet.js'
import type { Task } from '../../interfaces.js'
import { withBmc } from '../bmc.js'

/** The address of an interface that is in use, in the usual form; null of others. */
export function enabledMac(nic: EthernetInterface): string | null {
  const mac = nic.mac || nic.permanentMac
  if (nic.state !== 'Enabled' || !mac) return null
  return mac.toLowerCase().replaceAll('-', ':')
}

/** @throws RedfishError, RedfishConnectionError */
export async function getMacAddresses(task: Task): Promise<string[]> {
  const log = task.ctx.log.bmc
  return await withBmc(
    task,
    async (bmc) => {
      try {
        const nics = await ethernetInterfaces(bmc.talk, await bmc.system())
        return [...new Set(nics.map(enabledMac).filter((mac) => mac !== null))]
      } catch (error) {
        if (!(error instanceof MissingAttribute)) throw error
        log.warn({ reason: error.message, node: task.node.uuid }, 'no MAC addresses are to be had')
        return []
      }
    },
    (reason) => `Failed to get network interface information on node ${task.node.uuid}: ${reason}`,
  )
}
