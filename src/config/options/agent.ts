import { bool, int, optStr, str } from '../declare.js'

/** `[agent]`. */
export const agent = {
  manage_agent_boot: bool(true, 'Ironic boots the ramdisk; else something else does.'),
  image_download_source: str('http', 'Where the ramdisk gets the image from.', {
    choices: ['swift', 'http', 'local'],
  }),
  require_tls: bool(true, 'Heartbeats must name an https address.'),
  allow_md5_checksum: bool(true, 'The ramdisk may check images with MD5.'),
  enable_bios_bootloader_install: bool(false, 'The ramdisk installs a BIOS boot loader.'),
  tls_minimum_version: str('1.3', 'Lowest TLS version the ramdisk accepts.', {
    choices: ['1.2', '1.3'],
  }),
  tls_ciphers: optStr('TLS 1.2 cipher suites the ramdisk accepts.'),
  verify_ca: str(
    'True',
    'CA file for ramdisks that bring no certificate; True: the system, False: none.',
  ),
  api_ca_file: optStr('CA file of the API, for ramdisks that can be given one.'),
  agent_api_version: str('v1', 'Version of the API of ramdisks.'),
  command_timeout: int(60, 'Seconds a ramdisk has to answer.', { min: 1 }),
  max_command_attempts: int(3, 'Attempts at a command when the network fails.', { min: 1 }),
  command_wait_attempts: int(100, 'Looks at a command until it counts as timed out.', { min: 1 }),
  command_wait_interval: int(6, 'Seconds between them.', { min: 0 }),
  neutron_agent_max_attempts: int(100, 'Looks at a Neutron port until its binding failed.', {
    min: 1,
  }),
  neutron_agent_status_retry_interval: int(10, 'Seconds between them.', { min: 0 }),
  memory_consumed_by_agent: int(0, 'MiB of memory the ramdisk itself takes.', { min: 0 }),
  stream_raw_images: bool(true, 'The ramdisk writes raw images while they arrive.'),
  post_deploy_get_power_state_retries: int(
    6,
    'Looks at the power state until a ramdisk that switches off is switched off.',
    { min: 0 },
  ),
  post_deploy_get_power_state_retry_interval: int(5, 'Seconds between them.', { min: 0 }),
  deploy_logs_collect: str('on_failure', 'When logs are taken from ramdisks.', {
    choices: ['always', 'on_failure', 'never'],
  }),
  deploy_logs_storage_backend: str('local', 'Where these logs go.', {
    choices: ['local', 'swift'],
  }),
  deploy_logs_local_path: str('/var/log/ironic/deploy', 'Directory of these logs.'),
} as const
