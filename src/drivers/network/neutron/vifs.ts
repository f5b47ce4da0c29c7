import type { JsonObject } from '../../../db/columns.js'
import { InvalidParameterValue } from '../../../errors.js'
import { pythonStr } from '../../../python/repr.js'
import type { Task } from '../../interfaces.js'
import { FailedToUpdateMacOnPort, NetworkError, VifNotAttached } from '../errors.js'
import { plugTenantVif, seedHost, unbind, updateAddress } from './binding.js'
import { freePortFor } from './free-port.js'
import { physicalNetworks } from './networks.js'
import { forgetTenantVif, portLikes, tenantVif, vifKey, writeInternalInfo } from './port-info.js'
import type { PortLike } from './port-info.js'

/** VIFs of tenants (`NeutronVIFPortIDMixin`). */

export async function vifList(task: Task): Promise<{ id: string }[]> {
  return (await portLikes(task)).flatMap(({ row }) => {
    const id = tenantVif(row)
    return id === null ? [] : [{ id }]
  })
}

/**
 * @param vif `id`, perhaps `port_uuid` or `portgroup_uuid`
 * @throws VifAlreadyAttached, NoFreePhysicalPorts, InvalidParameterValue, NetworkError
 */
export async function vifAttach(task: Task, vif: JsonObject): Promise<void> {
  if (typeof vif['id'] !== 'string') {
    throw new InvalidParameterValue(`A VIF has an id, but ${pythonStr(vif)} has none`)
  }
  const wanted = { ...vif, id: vif['id'] }
  const networks = await physicalNetworks(task, wanted.id)
  await attach(task, await freePortFor(task, wanted, networks), wanted.id)
}

async function attach(task: Task, port: PortLike, vif: string): Promise<void> {
  if (port.row.address) await takeAddress(task, vif, port.row.address)
  const key = vifKey('tenant')
  await writeInternalInfo(task, port, { [key]: vif })
  if (task.node.provisionState !== 'active') return await seedHost(task, vif)
  const internalInfo = { ...port.row.internalInfo, [key]: vif }
  await plugTenantVif(task, withInfo(port, internalInfo))
}

const withInfo = (port: PortLike, internalInfo: JsonObject): PortLike =>
  port.kind === 'Port'
    ? { kind: 'Port', row: { ...port.row, internalInfo } }
    : { kind: 'Portgroup', row: { ...port.row, internalInfo } }

async function takeAddress(task: Task, vif: string, address: string): Promise<void> {
  try {
    await updateAddress(task, vif, address)
  } catch (error) {
    if (!(error instanceof FailedToUpdateMacOnPort)) throw error
    throw new NetworkError(
      `Unable to attach VIF ${vif} because Ironic can not update Neutron port ${vif} MAC address to match physical MAC address ${address}`,
      error,
    )
  }
}

/** Where a port is really plugged in, so that it has to be unplugged. */
const pluggedStates = new Set(['active', 'deleting', 'available'])

/** @throws VifNotAttached, NetworkError */
export async function vifDetach(task: Task, vif: string): Promise<void> {
  const all = await portLikes(task)
  const byGroup = all.toSorted((a, b) => a.kind.localeCompare(b.kind) * -1)
  const port = byGroup.find(({ row }) => tenantVif(row) === vif)
  if (port === undefined) {
    throw new VifNotAttached(
      `Unable to detach VIF ${vif} from node ${task.node.uuid} because it is not attached to it.`,
    )
  }
  await forgetTenantVif(task, port)
  if (pluggedStates.has(task.node.provisionState)) await unbind(task, vif)
}
