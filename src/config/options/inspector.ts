import { bool, dict, list, multi, optStr, str } from '../declare.js'

/** `[inspector]`. */
export const inspector = {
  require_managed_boot: bool(true, 'In-band inspection wants a boot that the node manages.'),
  pre_create_ports: bool(true, 'Ask the management interface for ports before inspection.'),
  extra_kernel_params: str('', 'Kernel parameters of the inspection ramdisk.'),
  force_dhcp: bool(false, 'The inspection ramdisk uses DHCP on all interfaces.'),
  power_off: bool(true, 'Switch machines off after in-band inspection.'),
  add_ports: str('pxe', 'Which interfaces found by inspection become ports.', {
    choices: ['all', 'active', 'pxe', 'disabled'],
  }),
  keep_ports: str('all', 'Which ports inspection leaves: all, present or added ones.', {
    choices: ['all', 'present', 'added'],
  }),
  update_pxe_enabled: bool(true, 'Inspection updates pxe_enabled of ports.'),
  default_hooks: str(
    'ramdisk-error,validate-interfaces,ports,architecture',
    'Hooks that `$default_hooks` stands for.',
  ),
  hooks: str('$default_hooks', 'Hooks that work on the data of in-band inspection, in order.'),
  disk_partitioning_spacing: bool(true, 'Leave 1 GiB of the root disk for partitioning.'),
  cpu_capabilities: dict(
    {
      vmx: 'cpu_vt',
      svm: 'cpu_vt',
      aes: 'cpu_aes',
      pse: 'cpu_hugepages',
      pdpe1gb: 'cpu_hugepages_1g',
      smx: 'cpu_txt',
    },
    'CPU flags that become capabilities.',
  ),
  physical_network_cidr_map: list([], 'Physical networks of ports by their address: CIDR:network.'),
  pci_device_alias: multi([], 'JSON objects with vendor_id, product_id and name; one per alias.'),
  extra_hardware_strict: bool(false, 'Refuse extra hardware data of the wrong form.'),
  known_accelerators: optStr('YAML file of accelerator devices; a built-in list unless set.'),
} as const
