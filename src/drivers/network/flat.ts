import { MissingParameterValue } from '../../errors.js'
import { UnmanagedInspection } from '../boot/network/validate.js'
import type { NetworkInterface, NetworkPurpose, Task } from '../interfaces.js'
import { NetworkError } from './errors.js'
import { baremetalVnic, unbind } from './neutron/binding.js'
import { portChanged, portgroupChanged } from './neutron/changes.js'
import { asking, neutronClient } from './neutron/client.js'
import { requireNetwork } from './neutron/networks.js'
import { currentVif, ownPortLikes, portLikes, tenantVif } from './neutron/port-info.js'
import { addRamdiskPorts, removeRamdiskPorts } from './neutron/ramdisk-ports.js'
import { vifAttach, vifDetach, vifList } from './neutron/vifs.js'

/** Work whose ramdisk gets ports of its own; for all other the tenant's ports serve. */
const ownPorts = new Set<NetworkPurpose>(['cleaning', 'inspection'])

/** The tenant's ports learn which machine they are for. @throws NetworkError */
async function bindPorts(task: Task): Promise<void> {
  const { uuid } = task.node
  let bound = 0
  for (const { row } of await portLikes(task)) {
    const vif = tenantVif(row)
    if (vif === null) continue
    const address = row.address === null ? {} : { mac_address: row.address }
    const changes = { ...baremetalVnic, 'binding:host_id': uuid, ...address }
    await asking(
      () => neutronClient(task.ctx).updatePort(vif, changes, task.signal),
      (error) =>
        new NetworkError(
          `Unable to set binding:host_id for neutron port ${vif}. Error: ${error.message}`,
          error,
        ),
    )
    bound += 1
  }
  if (bound === 0) throw new NetworkError(`Failed to bind any flat network ports for node ${uuid}`)
}

async function unbindPorts(task: Task): Promise<void> {
  for (const { row } of await ownPortLikes(task)) {
    const vif = tenantVif(row)
    if (vif !== null) await unbind(task, vif)
  }
}

/** @throws UnmanagedInspection when no network is named for it */
export async function validateInspection(task: Task): Promise<void> {
  try {
    await requireNetwork(task, 'inspection')
  } catch (error) {
    if (!(error instanceof MissingParameterValue)) throw error
    throw new UnmanagedInspection(error.message)
  }
}

/**
 * Tenant networks that are there already; Neutron only learns where its ports are
 * (`drivers/modules/network/flat.py`).
 */
export const flatNetwork: NetworkInterface = {
  name: 'flat',
  kind: 'network',
  properties: {},
  capabilities: ['metadata'],
  validate: (task) => requireNetwork(task, 'cleaning'),
  currentVif,
  vifList,
  portChanged,
  portgroupChanged,
  vifAttach,
  vifDetach,
  addNetwork: (task, purpose) =>
    ownPorts.has(purpose) ? addRamdiskPorts(task, purpose) : bindPorts(task),
  removeNetwork: (task, purpose) =>
    ownPorts.has(purpose) ? removeRamdiskPorts(task, purpose) : unbindPorts(task),
  configureTenantNetworks: bindPorts,
  unconfigureTenantNetworks: unbindPorts,
  validateRescue: () => Promise.resolve(),
  validateInspection,
}
