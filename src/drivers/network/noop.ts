import type { NetworkInterface } from '../interfaces.js'
import { nothing } from '../support.js'

/** Flat networks that nobody switches (`drivers/modules/network/noop.py`). */
export const noopNetwork: NetworkInterface = {
  name: 'noop',
  kind: 'network',
  properties: {},
  capabilities: [],
  validate: nothing,
  portChanged: nothing,
  portgroupChanged: nothing,
  vifList: () => Promise.resolve([]),
  vifAttach: nothing,
  vifDetach: nothing,
  addNetwork: nothing,
  removeNetwork: nothing,
  configureTenantNetworks: nothing,
  unconfigureTenantNetworks: nothing,
  validateRescue: nothing,
  validateInspection: nothing,
}
