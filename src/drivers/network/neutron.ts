import type { PortRow } from '../../db/rows.js'
import { InvalidParameterValue, MissingParameterValue } from '../../errors.js'
import { isTruthy } from '../driver-info/fields.js'
import type { NetworkInterface, NetworkPurpose } from '../interfaces.js'
import { refuse } from '../support.js'
import type { Task } from '../task.js'

/** Where a port keeps its VIFs; the tenant's counts last (`network/common.py`, NetType). */
const vifKinds = ['cleaning', 'provisioning', 'rescuing', 'inspection', 'servicing', 'tenant']

function currentVif(_task: Task, port: Pick<PortRow, 'internalInfo'>): string | null {
  const info = port.internalInfo ?? {}
  const found = vifKinds.map((kind) => info[`${kind}_vif_port_id`]).find((v) => v !== undefined)
  return typeof found === 'string' ? found : null
}

async function vifList(task: Task): Promise<{ id: string }[]> {
  const ports = [...(await task.ports()), ...(await task.portgroups())]
  return ports.flatMap((port) => {
    const id = port.internalInfo?.['tenant_vif_port_id']
    return typeof id === 'string' ? [{ id }] : []
  })
}

/**
 * Checks that a network for a purpose is named; whether it exists, Neutron knows.
 * @throws MissingParameterValue
 */
function requireNetwork(task: Task, purpose: NetworkPurpose): void {
  const name = `${purpose}_network` as const
  if (isTruthy(task.node.driverInfo?.[name]) || task.ctx.config.neutron[name]) return
  throw new MissingParameterValue(
    `UUID or name of ${name} is not set in configuration or in node driver_info.`,
  )
}

/** Tenant networks that are there already; Neutron only learns where its ports are. */
export const flatNetwork: NetworkInterface = {
  name: 'flat',
  kind: 'network',
  properties: {},
  capabilities: ['metadata'],
  async validate(task) {
    await Promise.resolve()
    requireNetwork(task, 'cleaning')
  },
  currentVif,
  vifList,
  portChanged: refuse('port_changed'),
  portgroupChanged: refuse('portgroup_changed'),
  vifAttach: refuse('vif_attach'),
  vifDetach: refuse('vif_detach'),
  addNetwork: refuse('add_network'),
  removeNetwork: refuse('remove_network'),
  configureTenantNetworks: refuse('configure_tenant_networks'),
  unconfigureTenantNetworks: refuse('unconfigure_tenant_networks'),
  validateRescue: () => Promise.resolve(),
  validateInspection: refuse('validate_inspection'),
}

/** Networks that Neutron switches (`drivers/modules/network/neutron.py`). */
export const neutronNetwork: NetworkInterface = {
  ...flatNetwork,
  name: 'neutron',
  async validate(task) {
    await Promise.resolve()
    requireNetwork(task, 'cleaning')
    requireNetwork(task, 'provisioning')
    const allowed = task.ctx.config.neutron.allow_disabling_power_off
    if (task.node.disablePowerOff === true && !allowed) {
      throw new InvalidParameterValue(
        'Nodes with disable_power_off cannot be used with the neutron network interface (disallowed in the configuration)',
      )
    }
  },
  async validateRescue(task) {
    await Promise.resolve()
    requireNetwork(task, 'rescuing')
  },
}
