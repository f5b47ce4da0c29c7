import { bool, int, optStr, str } from '../declare.js'

const seconds = { min: 0 }
const atLeastOne = { min: 1 }

/** `[redfish]`. */
export const redfish = {
  connection_attempts: int(5, 'How often a request to a BMC is sent at most.', atLeastOne),
  connection_retry_interval: int(4, 'Seconds between two attempts.', atLeastOne),
  connect_timeout: int(30, 'Seconds until a connection to a BMC must stand.', atLeastOne),
  read_timeout: int(60, 'Seconds of silence after which a BMC is given up.', atLeastOne),
  connection_cache_size: int(1000, 'BMCs whose session is kept; 0: none is.', seconds),
  auth_type: str('auto', 'How to log in to BMCs: auto tries a session and falls back to basic.', {
    choices: ['basic', 'session', 'auto'],
  }),
  verify_ca: optStr('CA bundle for BMCs whose redfish_verify_ca is missing or true.'),
  tls_minimum_version: optStr('Lowest TLS version BMCs are spoken to with.', {
    choices: ['1.1', '1.2', '1.3'],
  }),
  tls_ciphers: optStr('OpenSSL cipher list for BMCs.'),
  power_on_conflict_retry_attempts: int(
    6,
    'How often a power-on that a BMC refuses as a conflict is sent again.',
    seconds,
  ),
  power_on_conflict_retry_interval: int(10, 'Seconds between those.', seconds),
  post_boot_retry_attempts: int(
    6,
    'Attempts to set the boot device of a machine that is in POST.',
    atLeastOne,
  ),
  post_boot_retry_delay: int(5, 'Shortest pause between those, in seconds.', atLeastOne),
  boot_mode_config_timeout: int(
    900,
    'Seconds a machine has to take up its boot mode or secure boot; 0: no wait.',
    seconds,
  ),
  firmware_update_status_interval: int(
    60,
    'Seconds between looks at firmware updates, and at BIOS settings being taken up; 0: never.',
    seconds,
  ),
  firmware_update_fail_interval: int(
    60,
    'Seconds between looks for updates of failed flows; 0: never.',
    seconds,
  ),
  firmware_update_required_successes: int(
    3,
    'How often in a row a BMC must answer after an update; 0: no check.',
    seconds,
  ),
  firmware_update_validation_interval: int(30, 'Seconds between those answers.', seconds),
  firmware_update_resource_validation_timeout: int(
    480,
    'Seconds until they must have come; 0: no check.',
    seconds,
  ),
  firmware_update_reboot_delay: int(
    300,
    'Seconds a BMC may take to show its new version, and a machine to restart for an update.',
    seconds,
  ),
  firmware_update_nic_starting_wait: int(
    30,
    'Seconds a NIC update may be starting before the machine is restarted for it.',
    seconds,
  ),
  firmware_update_overall_timeout: int(7200, 'Seconds all updates of a step may take; 0: any.', {
    min: 0,
  }),
  raid_config_status_interval: int(
    60,
    'Seconds between looks at RAID tasks of BMCs; 0: never.',
    seconds,
  ),
  raid_config_fail_interval: int(
    60,
    'Seconds between looks for RAID tasks of failed flows; 0: never.',
    seconds,
  ),
  default_inspection_hooks: str(
    'validate-interfaces,ports,architecture',
    'Hooks that `$default_inspection_hooks` stands for.',
  ),
  inspection_hooks: str(
    '$default_inspection_hooks',
    'Hooks that work on what a BMC tells of its machine, in order.',
  ),
  enable_verify_bmc_clock: bool(false, 'Set the clocks of BMCs right when nodes are verified.'),
  kernel_append_params: str('nofb vga=normal', 'Kernel parameters on discs that are built.'),
  file_permission: int(0o644, 'Mode of published images, decimal.'),
  use_swift: bool(false, 'Publish images in Swift. Not supported: boot interfaces refuse it.'),
} as const
