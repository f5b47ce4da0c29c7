import type { PortRow, PortgroupRow } from '../../../db/rows.js'
import { Conflict } from '../../../errors.js'
import type { Task } from '../../interfaces.js'
import { FailedToUpdateDHCPOptOnPort } from '../errors.js'
import { updateAddress } from './binding.js'
import { asking, neutronClient } from './client.js'
import { clientId, tenantVif } from './port-info.js'

/** Ports and port groups that change while Neutron knows them (`NeutronVIFPortIDMixin`). */

/** @throws FailedToUpdateMacOnPort, FailedToUpdateDHCPOptOnPort, Conflict */
export async function portChanged(task: Task, before: PortRow, after: PortRow): Promise<void> {
  const vif = tenantVif(after)
  if (vif !== null && after.address !== null && after.address !== before.address) {
    await updateAddress(task, vif, after.address)
  }
  if (clientId(before) !== clientId(after)) await tellClientId(task, vif, clientId(after))
  const moved = before.pxeEnabled !== after.pxeEnabled || before.portgroupId !== after.portgroupId
  if (moved || vif !== null) await refuseInGroup(task, after, vif)
}

async function tellClientId(task: Task, vif: string | null, id: string | null): Promise<void> {
  if (vif === null) return
  const extra_dhcp_opts = [{ opt_name: '61', opt_value: id }]
  await asking(
    () => neutronClient(task.ctx).updatePort(vif, { extra_dhcp_opts }, task.signal),
    (cause) =>
      new FailedToUpdateDHCPOptOnPort(`Update DHCP options on port: ${vif} failed.`, { cause }),
  )
}

async function refuseInGroup(task: Task, port: PortRow, vif: string | null): Promise<void> {
  if (port.portgroupId === null) return
  const group = (await task.portgroups()).find(({ id }) => id === port.portgroupId)
  if (group === undefined || group.standalonePortsSupported !== false) return
  const reasons = [
    ...(port.pxeEnabled === false ? [] : ["'pxe_enabled' was set to True"]),
    ...(vif === null ? [] : [`VIF ${vif} is attached to the port`]),
  ]
  if (reasons.length === 0) return
  throw new Conflict(
    `Port group ${group.uuid} doesn't support standalone ports. This port ${port.uuid} cannot be  a member of that port group because of: ${reasons.join(', ')}`,
  )
}

/** @throws FailedToUpdateMacOnPort, Conflict */
export async function portgroupChanged(
  task: Task,
  before: PortgroupRow,
  after: PortgroupRow,
): Promise<void> {
  const vif = tenantVif(after)
  if (vif !== null && after.address && after.address !== before.address) {
    await updateAddress(task, vif, after.address)
  }
  const stands = after.standalonePortsSupported !== false
  if (stands || before.standalonePortsSupported === after.standalonePortsSupported) return
  for (const port of await task.ports()) {
    if (port.portgroupId === after.id) refuseStandalone(port, after)
  }
}

function refuseStandalone(port: PortRow, group: PortgroupRow): void {
  const vif = tenantVif(port)
  const reasons = [
    ...(port.pxeEnabled === false ? [] : ["'pxe_enabled' is set to True"]),
    ...(vif === null ? [] : [`VIF ${vif} is attached to this port`]),
  ]
  if (reasons.length === 0) return
  throw new Conflict(
    `standalone_ports_supported can not be set to False, because the port group ${group.uuid} contains port with ${reasons.join(', ')}`,
  )
}
