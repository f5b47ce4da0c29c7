import { bool, dict, int, optInt, optStr, str } from '../declare.js'

/** `[pxe]`: what machines boot. */
export const pxeBoot = {
  kernel_append_params: str('nofb vga=normal', 'Kernel parameters of ramdisks.', {
    deprecatedNames: ['pxe_append_params'],
  }),
  tftp_server: optStr('Address of the TFTP server machines are told; the one they ask unless set.'),
  tftp_root: str('/tftpboot', 'Directory of files served by TFTP.'),
  pxe_config_subdir: str('pxelinux.cfg', 'Where PXELINUX and iPXE look for the files of a MAC.'),
  pxe_bootfile_name: str('pxelinux.0', 'Boot file of machines with BIOS.'),
  uefi_pxe_bootfile_name: str('bootx64.efi', 'Boot file of machines with UEFI.'),
  ipxe_bootfile_name: str('undionly.kpxe', 'Boot file that brings iPXE to machines with BIOS.'),
  uefi_ipxe_bootfile_name: str('snponly.efi', 'Boot file that brings iPXE to UEFI.'),
  pxe_bootfile_name_by_arch: dict({}, 'Boot files by cpu_arch, or cpu_arch-bios, cpu_arch-uefi.'),
  ipxe_bootfile_name_by_arch: dict({}, 'Boot files that bring iPXE, by the same keys.'),
  loader_file_paths: dict({}, 'Boot loaders: name of the file to the path it is at.'),
  ipxe_boot_script: optStr('Script iPXE runs first, instead of the computed one.'),
  ipxe_fallback_script: optStr('Script iPXE chains to when a machine has nothing to boot.'),
  ipxe_timeout: int(0, 'Seconds iPXE waits for a file; 0 leaves it to iPXE.', { min: 0 }),
  enable_netboot_fallback: bool(
    false,
    'Deployed machines that still boot from the network start their disk.',
  ),
  boot_retry_timeout: optInt('Seconds after which a silent ramdisk is booted again.', { min: 60 }),
  boot_retry_check_interval: int(90, 'Seconds between looking for those.', { min: 1 }),
  write_files: bool(false, 'Also write boot files for a TFTP or HTTP server of your own.'),
  file_permission: int(0o644, 'Mode of written files, decimal.'),
} as const
