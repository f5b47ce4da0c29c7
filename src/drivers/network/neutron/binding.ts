import { errorText } from '../../../error-text.js'
import type { PortRow, PortgroupRow } from '../../../db/rows.js'
import { NeutronError } from '../../../openstack/neutron/client.js'
import type { PortChanges } from '../../../openstack/neutron/types.js'
import { isTruthy } from '../../driver-info/fields.js'
import type { Task } from '../../interfaces.js'
import { FailedToUpdateMacOnPort, NetworkError, VifNotAttached } from '../errors.js'
import { asking, isGone, neutronClient } from './client.js'
import { clientId, tenantVif, type PortLike } from './port-info.js'

/** Where Neutron's ports are plugged in (`common/neutron.py`, `network/common.py`). */

export const baremetalVnic = { 'binding:vnic_type': 'baremetal' } as const
const unbound = { 'binding:host_id': '', 'binding:profile': {} } as const

/**
 * The port is plugged in nowhere; one that is gone already is left.
 * @param resetMac also gives it a MAC address of Neutron's own. That has to be a request of its own,
 *   as the MAC address of a bound port cannot change.
 * @throws NetworkError
 */
export async function unbind(task: Task, vif: string, resetMac = true): Promise<void> {
  const client = neutronClient(task.ctx)
  try {
    await client.updatePort(vif, unbound, task.signal)
    if (resetMac) await client.updatePort(vif, { mac_address: null }, task.signal)
  } catch (error) {
    if (isGone(error)) return
    const text = errorText(error)
    throw new NetworkError(
      `Unable to clear binding profile for neutron port ${vif}. Error: ${text}`,
      error,
    )
  }
}

/**
 * The Neutron port gets the hardware's MAC address and keeps its binding.
 * @throws FailedToUpdateMacOnPort
 */
export async function updateAddress(task: Task, vif: string, address: string): Promise<void> {
  const client = neutronClient(task.ctx)
  try {
    const port = await client.port(vif, task.signal)
    const host = port['binding:host_id'] ?? ''
    if (host !== '') await unbind(task, vif)
    await client.updatePort(vif, { mac_address: address }, task.signal)
    if (host === '') return
    const profile = port['binding:profile'] ?? {}
    const binding = { 'binding:host_id': host, 'binding:profile': profile }
    await client.updatePort(vif, binding, task.signal)
  } catch (error) {
    task.signal.throwIfAborted()
    throw new FailedToUpdateMacOnPort(vif, error)
  }
}

/**
 * Tells Neutron the host of a VIF, so that it can give it an address; where it is plugged in comes
 * later (`update_port_host_id`).
 * @throws NetworkError
 */
export async function seedHost(task: Task, vif: string): Promise<void> {
  const client = neutronClient(task.ctx)
  const port = await asking(
    () => client.port(vif, task.signal),
    (error) =>
      new NetworkError(
        error.status === 404
          ? `The neutron port ${vif} was not found when we expect it to exist. We cannot proceed.`
          : `An unknown error was encountered while attempting to retrieve neutron port ${vif}. Error: ${error.message}`,
        error,
      ),
  )
  if ((port['binding:host_id'] ?? '') !== '') await unbind(task, vif)
  const host = { ...baremetalVnic, 'binding:host_id': task.node.uuid, 'binding:profile': {} }
  await asking(
    () => client.updatePort(vif, host, task.signal),
    (error) =>
      new NetworkError(
        `Could not seed network configuration for VIF ${vif}to node ${task.node.uuid}, possible network, state, or access permission issue. ${error.message}`,
        error,
      ),
  )
}

/**
 * Plugs the tenant's VIF of a port or port group into its switch ports.
 * @throws VifNotAttached, NetworkError
 */
export async function plugTenantVif(task: Task, port: PortLike): Promise<void> {
  const vif = tenantVif(port.row)
  if (vif === null) {
    const kind = port.kind.toLowerCase()
    throw new VifNotAttached(`Tenant VIF is not associated with ${kind} ${port.row.uuid}`)
  }
  const changes = await tenantBinding(task, port)
  await asking(
    async () => {
      await neutronClient(task.ctx).updatePort(vif, changes, task.signal)
      if (bindingMustWork(task)) await awaitActive(task, vif)
    },
    (error) =>
      new NetworkError(
        `Could not add public network VIF ${vif} to node ${task.node.uuid}, possible network issue. ${error.message}`,
        error,
      ),
  )
}

async function tenantBinding(task: Task, { kind, row }: PortLike): Promise<PortChanges> {
  const members =
    kind === 'Port'
      ? [row]
      : (await task.ports()).filter(({ portgroupId }) => portgroupId === row.id)
  const id = kind === 'Port' ? clientId(row) : null
  return {
    ...baremetalVnic,
    'binding:host_id': task.node.uuid,
    ...(row.address ? { mac_address: row.address } : {}),
    'binding:profile': {
      local_link_information: members.map((one) => one.localLinkConnection ?? {}),
      ...(kind === 'Portgroup' ? { local_group_information: groupInformation(row) } : {}),
      ...physicalNetwork(row),
    },
    ...(id === null ? {} : { extra_dhcp_opts: [{ opt_name: '61', opt_value: id }] }),
  }
}

const physicalNetwork = ({ physicalNetwork: name }: Pick<PortRow, 'physicalNetwork'>) =>
  name ? { physical_network: name } : {}

/** The bonding driver's options all begin with `bond` there. */
function groupInformation(group: PortgroupRow) {
  const properties = Object.entries(group.properties ?? {}).map(([name, value]) => [
    name.startsWith('bond') ? name : `bond_${name}`,
    value,
  ])
  return {
    id: group.uuid,
    name: group.name,
    bond_mode: group.mode,
    bond_properties: Object.fromEntries(properties),
  }
}

/** Where a ramdisk's port is plugged in. */
export const linkProfile = (port: PortRow) => ({
  local_link_information: [port.localLinkConnection ?? {}],
  ...physicalNetwork(port),
})

/** Whether a port that Neutron cannot bind fails the work. */
export function bindingMustWork({ node, driver, ctx }: Task): boolean {
  const own = node.driverInfo?.['fail_on_binding_failure']
  if (own !== undefined) return isTruthy(own)
  return driver.network.name === 'neutron' && ctx.config.neutron.fail_on_port_binding_failure
}

/**
 * Waits for what the switch's driver in Neutron does (`wait_for_port_status`).
 * @throws NeutronError when it failed, NetworkError when it took too long
 */
export async function awaitActive(task: Task, vif: string): Promise<void> {
  const { neutron_agent_max_attempts: attempts, neutron_agent_status_retry_interval: seconds } =
    task.ctx.config.agent
  for (let left = attempts; ; left -= 1) {
    const port = await neutronClient(task.ctx).port(vif, task.signal)
    if (port.status === 'ACTIVE') return
    if (port['binding:vif_type'] === 'binding_failed') {
      throw new NeutronError(`Binding failed for neutron port ${vif}`, null)
    }
    if (left <= 1) throw new NetworkError(`Port ${vif} failed to reach status ACTIVE`)
    await task.ctx.clock.sleep(seconds * 1000, task.signal)
  }
}
