import type { PortRow } from '../../../db/rows.js'
import { isTruthy } from '../../driver-info/fields.js'
import type { Task } from '../../interfaces.js'
import { clientId } from './port-info.js'

/**
 * Whether a port says enough of itself to be in a network (`neutron.validate_port_info`). Smart NICs,
 * whose networks agents on them make, are not driven.
 */
export function isUsable(task: Task, port: PortRow): boolean {
  // InfiniBand's subnet manager finds the switch by itself.
  if (clientId(port) !== null) return true
  const link = port.localLinkConnection ?? {}
  const wanted = task.driver.network.name === 'neutron'
  const why =
    wanted && Object.keys(link).length === 0
      ? 'has no local_link_connection, which the neutron network interface needs'
      : port.isSmartnic === true || isSmartNicLink(link)
        ? 'is a Smart NIC, which Ferric does not drive'
        : null
  if (why === null) return true
  task.ctx.log.network.warn({ node: task.node.uuid, port: port.uuid }, `the port ${why}`)
  return false
}

const isSmartNicLink = (link: Readonly<Record<string, unknown>>): boolean =>
  isTruthy(link['port_id']) && isTruthy(link['hostname']) && !isTruthy(link['switch_id'])
