import { optStr, str } from '../declare.js'

/** `[dhcp]`. */
export const dhcp = {
  dhcp_provider: optStr(
    'Who answers DHCP: ferric, none (operators do), dnsmasq, neutron; ferric unless set.',
    {
      choices: ['ferric', 'none', 'dnsmasq', 'neutron'],
    },
  ),
} as const

/** `[dnsmasq]`. */
export const dnsmasq = {
  dhcp_optsdir: str('/etc/dnsmasq.d/optsdir.d', 'Where DHCP options of nodes are written.'),
  dhcp_hostsdir: str('/etc/dnsmasq.d/hostsdir.d', 'Where MAC addresses of nodes are written.'),
} as const
