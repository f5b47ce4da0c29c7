import { execFileSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { buildConfigDrive } from '../../src/images/configdrive/build.js'
import { writeIso } from '../../src/images/iso9660/write.js'
import { inspectFormat } from '../../src/images/inspect.js'
import { soon, tempDir } from './_util/context.js'

const run = (program: string, ...args: string[]) =>
  execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
const xorriso = (iso: string, ...args: string[]) =>
  run('xorriso', '-indev', `stdio:${iso}`, '-report_about', 'WARNING', ...args)

async function configDrive() {
  const dir = await tempDir()
  const path = join(dir, 'drive.iso')
  const parts = {
    meta_data: { name: 'given' },
    network_data: { links: [] },
    user_data: '#!/bin/sh\n{{ 7 * 7 }} $(id)\n',
    vendor_data: { a: 1 },
  }
  await writeFile(path, buildConfigDrive(parts, { uuid: 'the-uuid', name: 'other' }))
  return { dir, path }
}
const names = ['meta_data.json', 'network_data.json', 'user_data', 'vendor_data2.json']

describe('a config drive, read by others', () => {
  it('has the files cloud-init wants', async () => {
    const { dir, path } = await configDrive()
    const listed = xorriso(path, '-find', '/', '-type', 'f', '-exec', 'echo')
    const wanted = ['2012-08-10', 'latest'].flatMap((version) =>
      names.map((name) => `/openstack/${version}/${name}`),
    )
    expect(
      listed
        .split('\n')
        .filter((l) => l !== '')
        .map((l) => l.replaceAll("'", ''))
        .toSorted(),
    ).toEqual(wanted)
    run('xorriso', '-osirrox', 'on', '-indev', `stdio:${path}`, '-extract', '/', join(dir, 'out'))
    const read = (name: string) => run('cat', join(dir, 'out/openstack/latest', name))
    expect(JSON.parse(read('meta_data.json'))).toEqual({ name: 'given', uuid: 'the-uuid' })
    // Nothing of it is a template.
    expect(read('user_data')).toBe('#!/bin/sh\n{{ 7 * 7 }} $(id)\n')
    expect(read('vendor_data2.json')).toBe('{"a":1}')
  })

  it.each([
    ['Rock Ridge', '-R'],
    ['Joliet', '-J'],
  ])('has them by %s', async (_name, flag) => {
    const { path } = await configDrive()
    const listed = run('isoinfo', flag, '-f', '-i', path)
    expect(listed).toContain('/openstack/latest/network_data.json')
    const about = run('isoinfo', '-d', '-i', path)
    expect(about).toContain('Volume id: config-2')
    expect(run('isoinfo', flag, '-x', '/openstack/latest/network_data.json', '-i', path)).toBe(
      '{"links":[]}',
    )
  })

  it('is what it says to be: blkid and our own inspection agree', async () => {
    const { path } = await configDrive()
    const about = run('/usr/sbin/blkid', '-p', '-o', 'export', path)
    expect(about).toContain('LABEL=config-2')
    expect(about).toContain('TYPE=iso9660')
    expect(await inspectFormat(path)).toMatchObject({ format: 'iso', violations: [] })
  })
})

it('boots by both firmwares, holds large files and many names that begin alike', async () => {
  const dir = await tempDir()
  const big = join(dir, 'big')
  await writeFile(big, Buffer.alloc(5_000_001, 'abcd'))
  const many = Array.from({ length: 60 }, (_, n) => ({
    path: `dir/a rather long name that is the same ${n}.txt`,
    content: Buffer.from(String(n)),
  }))
  const path = join(dir, 'boot.iso')
  const files = [
    { path: 'vmlinuz', content: { file: big, size: 5_000_001 } },
    { path: 'isolinux/isolinux.bin', content: Buffer.alloc(4096, 1) },
    { path: 'boot/grub/efiboot.img', content: Buffer.alloc(8192, 2) },
    ...many,
  ]
  const boot = { bios: 'isolinux/isolinux.bin', efi: 'boot/grub/efiboot.img' }
  await writeIso(path, { label: 'VMEDIA_BOOT_ISO', publisher: 'someone', files, boot }, soon())
  const report = xorriso(path, '-report_el_torito', 'plain')
  expect(report).toMatch(/El Torito boot img : +1 +BIOS +y +none/)
  expect(report).toMatch(/El Torito boot img : +2 +UEFI +y +none/)
  expect(report).toContain('/isolinux/isolinux.bin')
  expect(report).toContain('boot-info-table')
  run('xorriso', '-osirrox', 'on', '-indev', `stdio:${path}`, '-extract', '/', join(dir, 'out'))
  expect(run('cmp', big, join(dir, 'out/vmlinuz'))).toBe('')
  for (const { path: name, content } of many)
    expect(run('cat', join(dir, 'out', name))).toBe(content.toString())
  expect(run('isoinfo', '-d', '-i', path)).toContain('Publisher id: someone')
})
