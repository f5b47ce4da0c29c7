import { execFileSync } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { writeBootIso, type BootIso } from '../../src/images/iso/boot-iso.js'
import { soon, tempDir } from './_util/context.js'

async function bed(firmware: (file: (name: string) => string) => BootIso['firmware']) {
  const dir = await tempDir()
  const file = (name: string) => join(dir, name)
  for (const name of ['kernel', 'ramdisk', 'isolinux', 'ldlinux', 'esp']) {
    await writeFile(file(name), Buffer.alloc(4096, name))
  }
  const iso: BootIso = {
    kernel: file('kernel'),
    ramdisk: file('ramdisk'),
    parameters: 'ipa-api-url=http://a/ x=1;y ipa-agent-token=$t',
    publisher: 'the-publisher',
    firmware: firmware(file),
  }
  const read = (path: string) =>
    execFileSync('isoinfo', ['-R', '-x', path, '-i', file('boot.iso')]).toString('latin1')
  const about = () => execFileSync('isoinfo', ['-d', '-i', file('boot.iso')]).toString()
  return { iso, path: file('boot.iso'), read, about, file }
}

it('boots by isolinux with the parameters', async () => {
  const { iso, path, read, about, file } = await bed((f) => ({
    mode: 'bios',
    isolinux: f('isolinux'),
    ldlinux: f('ldlinux'),
  }))
  await writeBootIso(path, iso, soon())
  expect(read('/isolinux/isolinux.cfg')).toContain(
    'kernel /vmlinuz\nappend initrd=/initrd text ipa-api-url=http://a/ x=1;y ipa-agent-token=$t --\n',
  )
  expect(read('/initrd')).toBe((await readFile(file('ramdisk'))).toString('latin1'))
  expect(about()).toContain('Publisher id: the-publisher')
  expect(about()).toContain('Volume id: VMEDIA_BOOT_ISO')
  expect(about()).toContain('El Torito VD version 1 found')
})

it('boots by the GRUB of an EFI system partition, which runs nothing of the parameters', async () => {
  const { iso, path, read, file } = await bed((f) => ({
    mode: 'uefi',
    esp: f('esp'),
    grubConfig: 'EFI/BOOT/grub.cfg',
  }))
  await writeBootIso(path, iso, soon())
  expect(read('/EFI/BOOT/grub.cfg')).toContain(
    'linux /vmlinuz ipa-api-url=http://a/ x=1\\;y ipa-agent-token=\\$t --\n    initrd /initrd\n',
  )
  expect(read('/boot/grub/efiboot.img')).toBe((await readFile(file('esp'))).toString('latin1'))
})

it('refuses parameters of more than a line, and files that are not there', async () => {
  const { iso, path } = await bed((f) => ({ mode: 'uefi', esp: f('none'), grubConfig: 'x' }))
  await expect(writeBootIso(path, { ...iso, parameters: 'a\nb' }, soon())).rejects.toThrow(
    'one line',
  )
  await expect(writeBootIso(path, iso, soon())).rejects.toThrow('none cannot be read')
})
