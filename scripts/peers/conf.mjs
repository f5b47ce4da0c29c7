// ironic.conf text for a throw-away server with fake hardware; the same for Ferric and for a real Ironic.

const fakeHardware = {
  DEFAULT: {
    auth_strategy: 'noauth',
    host: 'peer',
    my_ip: '127.0.0.1',
    enabled_hardware_types: 'fake-hardware,manual-management',
    enabled_bios_interfaces: 'no-bios,fake',
    enabled_boot_interfaces: 'fake,pxe',
    enabled_console_interfaces: 'no-console,fake',
    enabled_deploy_interfaces: 'fake,direct',
    enabled_inspect_interfaces: 'no-inspect,fake',
    enabled_management_interfaces: 'fake,noop',
    enabled_network_interfaces: 'noop',
    default_network_interface: 'noop',
    enabled_power_interfaces: 'fake',
    enabled_raid_interfaces: 'no-raid,fake',
    enabled_rescue_interfaces: 'no-rescue,fake',
    enabled_storage_interfaces: 'noop,fake',
    enabled_vendor_interfaces: 'no-vendor,fake',
  },
  api: { host_ip: '127.0.0.1' },
  conductor: { automated_clean: 'true' },
  dhcp: { dhcp_provider: 'none' },
}

function render(groups) {
  const lines = Object.entries(groups).flatMap(([group, options]) => [
    `[${group}]`,
    ...Object.entries(options).map(([name, value]) => `${name} = ${value}`),
  ])
  return `${lines.join('\n')}\n`
}

/** Configuration text: fake hardware, with `changes` ({group: {option: value}}) over it. */
export function fakeConf(changes = {}) {
  const names = new Set([...Object.keys(fakeHardware), ...Object.keys(changes)])
  return render(
    Object.fromEntries(
      [...names].map((name) => [name, { ...fakeHardware[name], ...changes[name] }]),
    ),
  )
}
