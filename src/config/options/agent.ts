import { bool, optStr, str } from '../declare.js'

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
} as const
