import { bool, optStr } from '../declare.js'

/** `[neutron]`. */
export const neutron = {
  cleaning_network: optStr('UUID or name of the network for cleaning.', {
    deprecatedNames: ['cleaning_network_uuid'],
  }),
  provisioning_network: optStr('UUID or name of the network for deployment.', {
    deprecatedNames: ['provisioning_network_uuid'],
  }),
  rescuing_network: optStr('UUID or name of the network for rescue.'),
  inspection_network: optStr('UUID or name of the network for inspection.'),
  servicing_network: optStr('UUID or name of the network for servicing.'),
  allow_disabling_power_off: bool(false, 'Allow nodes with disable_power_off.'),
} as const
