// The ironic.conf of the Ferric that owns the rack: what an operator of such a rack would write.
import { join } from 'node:path'
import { network } from './network.js'

/** Options by their groups. */
export type Groups = Record<string, Record<string, string | number>>

function groups(dir: string, port: number): Groups {
  const api = `http://${network.server}:${port}`
  return {
    DEFAULT: {
      auth_strategy: 'noauth',
      debug: 'true',
      host: 'rack',
      my_ip: network.server,
      state_path: join(dir, 'state'),
      enabled_hardware_types: 'ipmi,pxe_ipmitool,agent_ipmitool,redfish',
      enabled_boot_interfaces: 'ipxe,pxe,http-ipxe,http,redfish-virtual-media',
      enabled_deploy_interfaces: 'direct,ramdisk',
      enabled_inspect_interfaces: 'agent,no-inspect',
      enabled_management_interfaces: 'ipmitool,redfish',
      enabled_network_interfaces: 'noop',
      default_network_interface: 'noop',
      enabled_power_interfaces: 'ipmitool,redfish',
      enabled_raid_interfaces: 'no-raid',
      enabled_rescue_interfaces: 'agent,no-rescue',
      enabled_vendor_interfaces: 'ipmitool,no-vendor',
    },
    api: { host_ip: network.server, port, public_endpoint: api },
    ferric: {
      boot: 'true',
      boot_links: network.bridge,
      boot_http_port: 8081,
      dhcp_range: `${network.subnet}.50-${network.subnet}.90/${network.prefix}`,
    },
    service_catalog: { endpoint_override: api },
    dhcp: { dhcp_provider: 'ferric' },
    conductor: {
      automated_clean: 'true',
      deploy_callback_timeout: 900,
      clean_callback_timeout: 900,
      inspect_wait_timeout: 900,
      rescue_callback_timeout: 900,
      file_url_allowed_paths: dir,
    },
    agent: { deploy_logs_local_path: join(dir, 'logs') },
    inspector: { require_managed_boot: 'true' },
    ipmi: { command_retry_timeout: 30, min_command_interval: 0 },
    redfish: { kernel_append_params: 'nofb console=ttyS0 ipa-insecure=1' },
    deploy: {
      http_url: `http://${network.server}:8081`,
      http_root: join(dir, 'httpboot'),
      // Overwriting a disk block by block says nothing here; its metadata is wiped.
      erase_devices_priority: 0,
      default_boot_mode: 'bios',
      fast_track: 'false',
    },
    pxe: {
      tftp_root: join(dir, 'tftpboot'),
      tftp_server: network.server,
      instance_master_path: join(dir, 'instance-master'),
      kernel_append_params: 'nofb console=ttyS0 ipa-insecure=1',
    },
  }
}

/** The text of ironic.conf with everything under `dir` and the API on `port`. */
export function rackConf(dir: string, port: number, more: Groups = {}): string {
  const base = groups(dir, port)
  const names = new Set([...Object.keys(base), ...Object.keys(more)])
  const group = (name: string): string => {
    const options = Object.entries({ ...base[name], ...more[name] })
    return [`[${name}]`, ...options.map(([key, value]) => `${key} = ${value}`), ''].join('\n')
  }
  return [...names].map(group).join('\n')
}
