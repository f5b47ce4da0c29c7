/** What Neutron answers, as far as it is read (Networking API v2.0). */

export interface FixedIp {
  readonly subnet_id: string
  readonly ip_address: string
}

export interface NeutronPort {
  readonly id: string
  readonly name: string
  readonly network_id: string
  readonly mac_address: string
  readonly status: string
  readonly fixed_ips: readonly FixedIp[]
  /** These three are shown to administrators only. */
  readonly 'binding:host_id'?: string
  readonly 'binding:profile'?: Readonly<Record<string, unknown>>
  readonly 'binding:vif_type'?: string
}

/** Of a network with more than one segment. */
export interface NetworkSegment {
  readonly 'provider:physical_network': string | null
}

export interface NeutronNetwork {
  readonly id: string
  readonly name: string
  readonly mtu?: number
  readonly 'provider:physical_network'?: string | null
  readonly segments?: readonly NetworkSegment[]
}

export interface NeutronSubnet {
  readonly id: string
  readonly cidr: string
  readonly ip_version: number
  readonly ipv6_address_mode: string | null
  readonly gateway_ip: string | null
  readonly host_routes: readonly { readonly destination: string; readonly nexthop: string }[]
  readonly dns_nameservers: readonly string[]
  readonly segment_id?: string | null
}

export interface NeutronSegment {
  readonly id: string
  readonly physical_network: string | null
}

export interface ExtraDhcpOption {
  readonly opt_name: string
  /** Null removes the option. */
  readonly opt_value: string | null
  readonly ip_version?: number
}

/** What a port is made with, or what changes in it. */
export interface PortChanges {
  readonly network_id?: string
  readonly admin_state_up?: boolean
  readonly device_id?: string
  readonly device_owner?: string
  /** Null gives the port one of Neutron's own. */
  readonly mac_address?: string | null
  readonly fixed_ips?: readonly Partial<FixedIp>[]
  readonly security_groups?: readonly string[]
  readonly extra_dhcp_opts?: readonly ExtraDhcpOption[]
  readonly 'binding:vnic_type'?: string
  readonly 'binding:host_id'?: string
  readonly 'binding:profile'?: Readonly<Record<string, unknown>>
}
