import { InvalidParameterValue, MissingParameterValue } from '../../../errors.js'
import type { NeutronNetwork } from '../../../openstack/neutron/types.js'
import { pythonStr } from '../../../python/repr.js'
import { isTruthy } from '../../driver-info/fields.js'
import type { NetworkPurpose, Task } from '../../interfaces.js'
import { NetworkError } from '../errors.js'
import { asking, neutronClient, neutronIsKnown } from './client.js'

/** `common/neutron.py`: which networks are used for what. */

/** @throws MissingParameterValue when none is named */
function networkName(task: Task, purpose: NetworkPurpose): string {
  const option = `${purpose}_network` as const
  const own = task.node.driverInfo?.[option]
  const name = isTruthy(own) ? pythonStr(own) : task.ctx.config.neutron[option]
  if (name) return name
  throw new MissingParameterValue(
    `UUID or name of ${label(purpose)} is not set in configuration or in node driver_info.`,
  )
}

/** Upstream names the one for servicing in words. */
const label = (purpose: NetworkPurpose): string =>
  purpose === 'servicing' ? 'servicing network' : `${purpose}_network`

/**
 * The UUID of the network for a purpose.
 * @throws MissingParameterValue, InvalidParameterValue for a network that is not there or not the
 *   only one of its name, NetworkError
 */
export async function networkId(task: Task, purpose: NetworkPurpose): Promise<string> {
  return (await findNetwork(task, networkName(task, purpose), label(purpose))).id
}

/** As `networkId`; without a Neutron that could be asked, only that a network is named. */
export async function requireNetwork(task: Task, purpose: NetworkPurpose): Promise<void> {
  const name = networkName(task, purpose)
  if (neutronIsKnown(task.ctx.config)) await findNetwork(task, name, label(purpose))
}

/** A network by UUID or name; `what` stands for it in refusals. */
export async function findNetwork(
  task: Task,
  name: string,
  what = 'network',
): Promise<NeutronNetwork> {
  const client = neutronClient(task.ctx)
  const found = async (query: { id: string } | { name: string }) =>
    await asking(
      () => client.networks(query, task.signal),
      (error) => new NetworkError(`Could not retrieve network: ${error.message}`, error),
    )
  const [byId] = await found({ id: name })
  if (byId !== undefined) return byId
  const [first, ...more] = await found({ name })
  if (first === undefined) {
    throw new InvalidParameterValue(`${what} with name or UUID ${name} was not found`)
  }
  if (more.length === 0) return first
  const ids = [first, ...more].map(({ id }) => id).join(', ')
  throw new InvalidParameterValue(`More than one ${what} was found for name ${name}: ${ids}`)
}

/**
 * Where the network of a VIF is; empty when any port may carry it
 * (`neutron.get_physnets_by_port_uuid`).
 * @throws InvalidParameterValue, NetworkError
 */
export async function physicalNetworks(task: Task, vif: string): Promise<ReadonlySet<string>> {
  const client = neutronClient(task.ctx)
  const port = await asking(
    () => client.port(vif, task.signal),
    (error) =>
      error.status === 404
        ? new InvalidParameterValue(`Neutron port ${vif} was not found`)
        : new NetworkError(`Could not retrieve neutron port: ${error.message}`, error),
  )
  const network = await findNetwork(task, port.network_id)
  if (network.segments === undefined) return namesOf([network['provider:physical_network']])
  for (const { subnet_id: id } of port.fixed_ips) {
    const own = await segmentNetwork(task, id)
    if (own !== null) return new Set([own])
  }
  return namesOf(network.segments.map((one) => one['provider:physical_network']))
}

const namesOf = (names: readonly (string | null | undefined)[]): ReadonlySet<string> =>
  new Set(names.filter((name): name is string => typeof name === 'string' && name !== ''))

/** The physical network of the segment a subnet is tied to. */
async function segmentNetwork(task: Task, subnetId: string): Promise<string | null> {
  const client = neutronClient(task.ctx)
  const failed =
    (what: string, id: string) => (error: { message: string; status: number | null }) =>
      error.status === 404
        ? new InvalidParameterValue(`Neutron ${what} ${id} was not found`)
        : new NetworkError(`Could not retrieve neutron ${what}: ${error.message}`, error)
  const subnet = await asking(
    () => client.subnet(subnetId, task.signal),
    failed('subnet', subnetId),
  )
  const id = subnet.segment_id ?? null
  if (id === null) return null
  const segment = await asking(() => client.segment(id, task.signal), failed('segment', id))
  return segment.physical_network
}
