import { InvalidParameterValue } from '../../errors.js'
import type { NetworkInterface, Task } from '../interfaces.js'
import { NetworkError, VifNotAttached } from './errors.js'
import { flatNetwork } from './flat.js'
import { plugTenantVif, unbind } from './neutron/binding.js'
import { requireNetwork } from './neutron/networks.js'
import { ownPortLikes, tenantVif } from './neutron/port-info.js'
import { addRamdiskPorts, removeRamdiskPorts } from './neutron/ramdisk-ports.js'

async function validate(task: Task): Promise<void> {
  await requireNetwork(task, 'cleaning')
  await requireNetwork(task, 'provisioning')
  const allowed = task.ctx.config.neutron.allow_disabling_power_off
  if (task.node.disablePowerOff === true && !allowed) {
    throw new InvalidParameterValue(
      'Nodes with disable_power_off cannot be used with the neutron network interface (disallowed in the configuration)',
    )
  }
}

/** @throws NetworkError when the node has no port, or none that carries a VIF */
async function plugTenant(task: Task): Promise<void> {
  const { uuid } = task.node
  if ((await task.ports()).length === 0) {
    throw new NetworkError(`No ports are associated with node ${uuid}`)
  }
  let plugged = 0
  for (const port of await ownPortLikes(task)) {
    try {
      await plugTenantVif(task, port)
      plugged += 1
    } catch (error) {
      if (!(error instanceof VifNotAttached)) throw error
    }
  }
  if (plugged > 0) return
  throw new NetworkError(`No neutron ports or portgroups are associated with node ${uuid}`)
}

async function unplugTenant(task: Task): Promise<void> {
  for (const { row } of await ownPortLikes(task)) {
    const vif = tenantVif(row)
    // A group without an address took none from its ports either.
    if (vif !== null) await unbind(task, vif, Boolean(row.address))
  }
}

/** Networks that Neutron switches (`drivers/modules/network/neutron.py`). */
export const neutronNetwork: NetworkInterface = {
  ...flatNetwork,
  name: 'neutron',
  validate,
  addNetwork: (task, purpose) =>
    addRamdiskPorts(task, purpose, task.ctx.config.neutron[`${purpose}_network_security_groups`]),
  removeNetwork: removeRamdiskPorts,
  configureTenantNetworks: plugTenant,
  unconfigureTenantNetworks: unplugTenant,
  validateRescue: (task) => requireNetwork(task, 'rescuing'),
}
