/** Discs that boot a kernel and a ramdisk (`common/images.py`, create_boot_iso). */
import { stat } from 'node:fs/promises'
import { ImageCreationFailed } from '../errors.js'
import type { FileEntry } from '../iso9660/tree.js'
import { writeIso } from '../iso9660/write.js'

export interface BootIso {
  /** Files on this machine. */
  readonly kernel: string
  readonly ramdisk: string
  /** One line of printable characters. */
  readonly parameters: string
  /** What the ramdisk finds its disc by. */
  readonly publisher: string
  readonly firmware: Bios | Uefi
  /** Further files on the disc. */
  readonly files?: readonly FileEntry[]
}
export interface Bios {
  readonly mode: 'bios'
  readonly isolinux: string
  /** Its library, which isolinux since version 5 needs. */
  readonly ldlinux: string
}
export interface Uefi {
  readonly mode: 'uefi'
  /** An image of a FAT file system with GRUB in it. */
  readonly esp: string
  /** Where that GRUB looks for its configuration on the disc. */
  readonly grubConfig: string
}

const espPath = 'boot/grub/efiboot.img'

/**
 * Writes the disc into a new file.
 * @throws ImageCreationFailed
 */
export async function writeBootIso(path: string, iso: BootIso, signal: AbortSignal): Promise<void> {
  // A line end would begin another command of the boot loader.
  if (!/^[ -~]*$/.test(iso.parameters)) {
    throw new ImageCreationFailed('iso', 'the kernel parameters are not one line of text')
  }
  const common = [await from('vmlinuz', iso.kernel), await from('initrd', iso.ramdisk)]
  const { firmware, publisher } = iso
  const own = firmware.mode === 'bios' ? await forBios(iso, firmware) : await forUefi(iso, firmware)
  const boot = firmware.mode === 'bios' ? { bios: 'isolinux/isolinux.bin' } : { efi: espPath }
  const files = [...common, ...own, ...(iso.files ?? [])]
  const disc = { label: 'VMEDIA_BOOT_ISO', publisher, files, boot }
  await writeIso(path, disc, signal)
}

async function forBios({ parameters }: BootIso, bios: Bios): Promise<FileEntry[]> {
  const config = [
    'default boot',
    '',
    'label boot',
    'kernel /vmlinuz',
    `append initrd=/initrd text ${parameters} --`,
    '',
  ]
  return [
    await from('isolinux/isolinux.bin', bios.isolinux),
    await from('isolinux/ldlinux.c32', bios.ldlinux),
    { path: 'isolinux/isolinux.cfg', content: Buffer.from(config.join('\n')) },
  ]
}

async function forUefi({ parameters }: BootIso, { esp, grubConfig }: Uefi): Promise<FileEntry[]> {
  const config = [
    'set default=0',
    'set timeout=5',
    '',
    'menuentry "boot" {',
    `    linux /vmlinuz ${quoted(parameters)} --`,
    '    initrd /initrd',
    '}',
    '',
  ]
  return [
    await from(espPath, esp),
    { path: grubConfig.replace(/^\/+/, ''), content: Buffer.from(config.join('\n')) },
  ]
}

/** GRUB's shell would read these as its own. */
const quoted = (parameters: string): string => parameters.replace(/[\\$;&|{}<>'"`#]/g, '\\$&')

async function from(path: string, file: string): Promise<FileEntry> {
  const size = await stat(file).then(
    (info) => info.size,
    (cause: unknown) => {
      throw new ImageCreationFailed('iso', `${file} cannot be read`, cause)
    },
  )
  return { path, content: { file, size } }
}
