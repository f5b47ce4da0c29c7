import type { Config } from '../config/index.js'
import type { Architecture } from '../protocols/dhcp/architectures.js'
import { loadsByIpxe } from './plan.js'
import type { BootPlan } from './plan.js'
import { openRegular } from './safe-file.js'
import type { OpenFile } from './safe-file.js'

/** Boot programs: the one that a machine needs, and its place on this system. */

/** Their places on Debian, Ubuntu, Fedora and openSUSE, by the name that machines request. */
const installed: Readonly<Record<string, readonly string[]>> = {
  'undionly.kpxe': ['/usr/lib/ipxe/undionly.kpxe', '/usr/share/ipxe/undionly.kpxe'],
  'ipxe.efi': ['/usr/lib/ipxe/ipxe.efi', '/boot/ipxe.efi', '/usr/share/ipxe/ipxe-x86_64.efi'],
  'snponly.efi': [
    '/usr/lib/ipxe/snponly.efi',
    '/usr/share/ipxe/ipxe-snponly-x86_64.efi',
    '/usr/share/ipxe/snponly.efi',
  ],
  'ipxe-arm64.efi': ['/usr/lib/ipxe/ipxe-arm64.efi', '/boot/ipxe-arm64.efi'],
  'pxelinux.0': ['/usr/lib/PXELINUX/pxelinux.0', '/usr/share/syslinux/pxelinux.0'],
  'lpxelinux.0': ['/usr/lib/PXELINUX/lpxelinux.0', '/usr/share/syslinux/lpxelinux.0'],
  'ldlinux.c32': ['/usr/lib/syslinux/modules/bios/ldlinux.c32', '/usr/share/syslinux/ldlinux.c32'],
  'chain.c32': ['/usr/lib/syslinux/modules/bios/chain.c32', '/usr/share/syslinux/chain.c32'],
  'libcom32.c32': [
    '/usr/lib/syslinux/modules/bios/libcom32.c32',
    '/usr/share/syslinux/libcom32.c32',
  ],
  'libutil.c32': ['/usr/lib/syslinux/modules/bios/libutil.c32', '/usr/share/syslinux/libutil.c32'],
  // Shim looks for GRUB beside itself, under this name.
  'bootx64.efi': ['/usr/lib/shim/shimx64.efi.signed', '/boot/efi/EFI/fedora/shimx64.efi'],
  'shimx64.efi': ['/usr/lib/shim/shimx64.efi.signed', '/boot/efi/EFI/fedora/shimx64.efi'],
  'grubx64.efi': [
    '/usr/lib/grub/x86_64-efi-signed/grubnetx64.efi.signed',
    '/usr/lib/grub/x86_64-efi/monolithic/grubnetx64.efi',
    '/boot/efi/EFI/fedora/grubx64.efi',
  ],
  'bootaa64.efi': ['/usr/lib/shim/shimaa64.efi.signed', '/boot/efi/EFI/fedora/shimaa64.efi'],
  'grubaa64.efi': ['/usr/lib/grub/arm64-efi-signed/grubnetaa64.efi.signed'],
}

export const loaderNames = (config: Config): string[] => [
  ...new Set([...Object.keys(config.pxe.loader_file_paths), ...Object.keys(installed)]),
]

/** Opens a boot program by its file name: the configured one, else the one of the system. */
export async function openLoader(config: Config, name: string): Promise<OpenFile | null> {
  // The name comes from the wire, and `constructor` is a property of every object.
  if (!loaderNames(config).includes(name)) return null
  const own = config.pxe.loader_file_paths[name]
  for (const path of own === undefined ? (installed[name] ?? []) : [own]) {
    const file = await openRegular(path)
    if (file !== null) return file
  }
  return null
}

/**
 * Returns the boot file of a machine that boots from the network and does not run iPXE yet.
 * @param architecture of the machine, by its request, else by the properties of its node
 */
export function bootFileFor(
  { pxe }: Config,
  plan: BootPlan,
  architecture: Pick<Architecture, 'cpu' | 'firmware'>,
): string {
  const { cpu, firmware } = architecture
  const kind = loadsByIpxe(plan) ? 'ipxe' : 'pxe'
  const own = pxe[`${kind}_bootfile_name_by_arch`]
  const usual = firmware === 'uefi' ? `uefi_${kind}_bootfile_name` : `${kind}_bootfile_name`
  return own[`${cpu}-${firmware}`] ?? own[cpu] ?? pxe[usual as keyof typeof pxe & `${string}name`]
}
