import type { PortRow } from '../../../db/rows.js'
import { NeutronError } from '../../../openstack/neutron/client.js'
import type { NeutronPort, PortChanges } from '../../../openstack/neutron/types.js'
import type { NetworkPurpose, Task } from '../../interfaces.js'
import { NetworkError } from '../errors.js'
import { awaitActive, baremetalVnic, bindingMustWork, linkProfile } from './binding.js'
import { asking, isGone, neutronClient } from './client.js'
import { networkId } from './networks.js'
import { clientId, vifKey, writeInternalInfo } from './port-info.js'
import { isUsable } from './usable.js'

/** Neutron ports that are there as long as a ramdisk runs (`common/neutron.py`). */

/**
 * Makes a Neutron port for each port the machine boots from.
 * @param groups UUIDs of security groups
 * @throws NetworkError when none can be made, MissingParameterValue, InvalidParameterValue
 */
export async function addRamdiskPorts(
  task: Task,
  purpose: NetworkPurpose,
  groups: readonly string[] = [],
): Promise<void> {
  const network = await networkId(task, purpose)
  // What was left when such work was interrupted.
  await rollback(task, network)
  await verifyGroups(task, groups)
  const wanted = await bootingPorts(task)
  const failed: string[] = []
  for (const port of wanted) {
    const id = isUsable(task, port) ? await create(task, port, { network, groups }) : null
    if (id === null) failed.push(port.uuid)
    else await writeInternalInfo(task, { kind: 'Port', row: port }, { [vifKey(purpose)]: id })
  }
  const { uuid } = task.node
  if (failed.length < wanted.length) return
  await rollback(task, network)
  throw new NetworkError(
    `Failed to create neutron ports for node's ${uuid} ports ${failed.join(', ')}.`,
  )
}

/** @throws NetworkError when there are none */
async function bootingPorts(task: Task): Promise<PortRow[]> {
  const all = takesAllPorts(task)
  const ports = (await task.ports()).filter(({ pxeEnabled }) => all || pxeEnabled !== false)
  if (ports.length > 0) return ports
  const which = all ? '' : 'PXE-enabled '
  throw new NetworkError(`No available ${which} ports on node ${task.node.uuid}.`)
}

const takesAllPorts = ({ driver, ctx }: Task): boolean =>
  ctx.config.neutron.add_all_ports || !driver.boot.capabilities.includes('pxe_boot')

interface Place {
  readonly network: string
  readonly groups: readonly string[]
}

/** Null when Neutron refuses; the reason is in the log, as other ports may do. */
async function create(task: Task, port: PortRow, place: Place): Promise<string | null> {
  const { node, ctx, signal } = task
  const client = neutronClient(ctx)
  try {
    const { id } = await client.createPort(newPort(task, port, place), signal)
    // What only administrators may set, in a request of its own.
    const bound = await client.updatePort(
      id,
      {
        'binding:host_id': node.uuid,
        device_owner: 'baremetal:none',
        mac_address: port.address,
        'binding:profile': linkProfile(port),
      },
      signal,
    )
    await addStatefulAddresses(task, bound)
    if (bindingMustWork(task)) await awaitActive(task, id)
    return id
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof NeutronError)) throw error
    const seen = { node: node.uuid, port: port.uuid, network: place.network, error }
    ctx.log.network.warn(seen, 'Neutron made no port for a node')
    return null
  }
}

function newPort({ node }: Task, port: PortRow, { network, groups }: Place): PortChanges {
  const id = clientId(port)
  return {
    ...baremetalVnic,
    network_id: network,
    admin_state_up: true,
    device_id: node.instanceUuid ?? node.uuid,
    ...(groups.length > 0 ? { security_groups: groups } : {}),
    ...(port.pxeEnabled === false ? { fixed_ips: [] } : {}),
    ...(id === null ? {} : { extra_dhcp_opts: [{ opt_name: '61', opt_value: id }] }),
  }
}

/**
 * Firmware, boot program and ramdisk ask with identifiers of their own, and each gets an address of a
 * stateful DHCPv6.
 */
async function addStatefulAddresses(task: Task, port: NeutronPort): Promise<void> {
  const { dhcpv6_stateful_address_count: count } = task.ctx.config.neutron
  const [first] = port.fixed_ips
  if (count <= 1 || first === undefined || !first.ip_address.includes(':')) return
  const client = neutronClient(task.ctx)
  const subnet = await client.subnet(first.subnet_id, task.signal)
  if (subnet.ipv6_address_mode !== 'dhcpv6-stateful') return
  const more = Array.from({ length: count - 1 }, () => ({ subnet_id: subnet.id }))
  await client.updatePort(port.id, { fixed_ips: [...port.fixed_ips, ...more] }, task.signal)
}

async function verifyGroups(task: Task, groups: readonly string[]): Promise<void> {
  if (groups.length === 0) return
  const found = await asking(
    () => neutronClient(task.ctx).securityGroups(groups, task.signal),
    (error) =>
      new NetworkError(`Could not retrieve security groups from neutron: ${error.message}`, error),
  )
  const missing = groups.filter((id) => !found.includes(id))
  if (missing.length === 0) return
  throw new NetworkError(
    `Could not find these security groups (specified via ironic config) in neutron: ${missing.join(', ')}`,
  )
}

/**
 * Removes what `addRamdiskPorts` made.
 * @throws NetworkError, MissingParameterValue, InvalidParameterValue
 */
export async function removeRamdiskPorts(task: Task, purpose: NetworkPurpose): Promise<void> {
  await removeFrom(task, await networkId(task, purpose))
  const key = vifKey(purpose)
  for (const row of await task.ports()) {
    if (row.internalInfo?.[key] === undefined) continue
    await writeInternalInfo(task, { kind: 'Port', row }, { [key]: undefined })
  }
}

async function rollback(task: Task, network: string): Promise<void> {
  try {
    await removeFrom(task, network)
  } catch (error) {
    if (!(error instanceof NetworkError)) throw error
    const { uuid: node } = task.node
    task.ctx.log.network.warn({ node, network, error }, 'ports of a ramdisk are left in Neutron')
  }
}

async function removeFrom(task: Task, network: string): Promise<void> {
  const all = takesAllPorts(task)
  const macs = (await task.ports())
    .filter(({ pxeEnabled }) => all || pxeEnabled !== false)
    .flatMap(({ address }) => address ?? [])
  if (macs.length === 0) return
  const client = neutronClient(task.ctx)
  const { uuid } = task.node
  const ports = await asking(
    () => client.ports({ network_id: network, mac_address: macs, fields: 'id' }, task.signal),
    (error) =>
      new NetworkError(
        `Could not get given network VIF for ${uuid} from neutron, possible network issue. ${error.message}`,
        error,
      ),
  )
  for (const { id } of ports) await remove(task, id)
}

async function remove(task: Task, id: string): Promise<void> {
  try {
    await neutronClient(task.ctx).deletePort(id, task.signal)
  } catch (error) {
    // Nova may have been quicker.
    if (isGone(error)) return
    if (!(error instanceof NeutronError)) throw error
    throw new NetworkError(
      `Could not remove VIF ${id} of node ${task.node.uuid}, possibly a network issue: ${error.message}`,
      error,
    )
  }
}
