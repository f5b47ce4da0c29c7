import { bool, int, list, optStr } from '../declare.js'
import { serviceCredentials } from './service-credentials.js'

const groups = (purpose: string) => list([], `UUIDs of security groups of ports for ${purpose}.`)

/** `[neutron]`. */
export const neutron = {
  ...serviceCredentials('Neutron', 'network'),
  endpoint_override: optStr('URL of Neutron instead of the catalogue’s.'),
  cleaning_network: optStr('UUID or name of the network for cleaning.', {
    deprecatedNames: ['cleaning_network_uuid'],
  }),
  provisioning_network: optStr('UUID or name of the network for deployment.', {
    deprecatedNames: ['provisioning_network_uuid'],
  }),
  rescuing_network: optStr('UUID or name of the network for rescue.'),
  inspection_network: optStr('UUID or name of the network for inspection.'),
  servicing_network: optStr('UUID or name of the network for servicing.'),
  cleaning_network_security_groups: groups('cleaning'),
  provisioning_network_security_groups: groups('deployment'),
  rescuing_network_security_groups: groups('rescue'),
  inspection_network_security_groups: groups('inspection'),
  servicing_network_security_groups: groups('servicing'),
  add_all_ports: bool(false, 'Also make ports, without addresses, for those that do not boot.'),
  allow_disabling_power_off: bool(false, 'Allow nodes with disable_power_off.'),
  dhcpv6_stateful_address_count: int(4, 'Addresses of a port in a network with DHCPv6.', {
    min: 1,
  }),
  fail_on_port_binding_failure: bool(
    true,
    'With the neutron network interface: fail when Neutron cannot bind a port.',
  ),
  port_setup_delay: int(0, 'Seconds to wait after DHCP options were set.', { min: 0 }),
  request_timeout: int(45, 'Seconds a request to Neutron may take.', { min: 1 }),
  retries: int(3, 'Attempts to read after a failed one.', { min: 0 }),
} as const
