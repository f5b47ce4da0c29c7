import { bool, int, list, optInt, optStr, str } from '../declare.js'

/** `[deploy]`. */
export const deploy = {
  http_url: optStr('URL under which http_root is served to machines.'),
  http_root: str('/httpboot', 'Directory of files served to machines by HTTP.'),
  http_image_subdir: str('agent_images', 'Directory of cached images under http_root.'),
  fast_track: bool(false, 'Machines with a running ramdisk are deployed without a reboot.'),
  fast_track_timeout: int(300, 'Seconds since the last heartbeat a ramdisk counts as running.', {
    min: 0,
    max: 300,
  }),
  default_boot_mode: str('uefi', 'Boot mode where nothing else is said.', {
    choices: ['uefi', 'bios'],
  }),
  external_callback_url: optStr('URL of the API for ramdisks booted by virtual media.'),
  power_off_after_deploy_failure: bool(true, 'Switch machines off after a failed deployment.'),
  erase_devices_priority: optInt("Priority of the ramdisk's step erase_devices."),
  erase_devices_metadata_priority: optInt("Priority of the ramdisk's erase_devices_metadata."),
  delete_configuration_priority: optInt("Priority of the ramdisk's raid.delete_configuration."),
  create_configuration_priority: optInt("Priority of the ramdisk's raid.create_configuration."),
  shred_random_overwrite_iterations: int(1, 'Passes of random data when disks are erased.', {
    min: 0,
    deprecatedNames: ['erase_devices_iterations'],
  }),
  shred_final_overwrite_with_zeros: bool(true, 'A last pass of zeros when disks are erased.'),
  continue_if_disk_secure_erase_fails: bool(false, 'Overwrite disks that cannot erase themselves.'),
  enable_ata_secure_erase: bool(true, 'Let ATA disks erase themselves.'),
  enable_nvme_secure_erase: bool(true, 'Let NVMe disks erase themselves.'),
  disk_erasure_concurrency: int(4, 'Disks erased at once.', { min: 1 }),
  erase_skip_read_only: bool(false, 'Leave disks that cannot be written out of erasing.'),
  image_server_auth_strategy: str('noauth', 'How image servers are logged in to.', {
    choices: ['noauth', 'http_basic'],
  }),
  image_server_user: optStr('User for image servers.'),
  image_server_password: optStr('Password for image servers.', { secret: true }),
  configdrive_use_object_store: bool(false, 'Keep config drives in Swift.', {
    deprecatedNames: ['conductor.configdrive_use_swift'],
  }),
  image_server_auth_hosts: list(
    [],
    'Hosts, or domains with a dot before them, that are told these.',
  ),
  image_server_auth_permit_unknown_hosts: bool(
    true,
    'Without such a list every host is told them.',
  ),
  external_http_url: optStr('http_url as BMCs reach it.'),
  ramdisk_image_download_source: str(
    'local',
    'Whether BMCs fetch ready-made ISO images themselves (http, or swift for those of Glance) or from here (local).',
    { choices: ['http', 'local', 'swift'] },
  ),
} as const
