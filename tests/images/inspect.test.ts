import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { checkImage, inspectFormat } from '../../src/images/inspect.js'
import { imageContext, tempDir } from './_util/context.js'

const mib = 1024 * 1024

/** A disk with one partition, as `sfdisk` writes it. */
function mbr(change: (sector: Buffer) => void = () => undefined): Buffer {
  const disk = Buffer.alloc(mib)
  disk[446] = 0x80
  disk[450] = 0x83
  disk.writeUInt32LE(2048, 454)
  disk.writeUInt32LE(100, 458)
  disk.writeUInt16LE(0xaa55, 510)
  change(disk)
  return disk
}
const protective = (disk: Buffer) => {
  disk.set([0, 0, 2, 0, 0xee, 0xff, 0xff, 0xff, 1, 0, 0, 0], 446)
}
function iso(): Buffer {
  const disk = Buffer.alloc(mib)
  disk.set(Buffer.from('\x01CD001\x01'), 32768)
  disk.writeUInt32LE(512, 32768 + 80)
  disk.writeUInt16LE(2048, 32768 + 128)
  return disk
}

async function fileOf(content: Buffer): Promise<string> {
  const path = join(await tempDir(), 'image')
  await writeFile(path, content)
  return path
}

/** A header of version 3 with these incompatible features (QEMU, docs/interop/qcow2.txt). */
function qcow2WithFeatures(features: number): Buffer {
  const header = Buffer.alloc(512)
  header.write('QFI\xfb', 'latin1')
  header.writeUInt32BE(3, 4)
  header.writeBigUInt64BE(1n << 20n, 24)
  header.writeBigUInt64BE(BigInt(features), 72)
  return header
}

describe('disks and discs', () => {
  it.each([
    ['MBR', mbr(), 'gpt', []],
    ['GPT', mbr(protective), 'gpt', []],
    [
      'a boot flag of its own',
      mbr((d) => d.set([1], 446)),
      'gpt',
      ['MBR PTE 0 has invalid boot flag'],
    ],
    ['no partition', mbr((d) => d.fill(0, 446, 510)), 'gpt', ['GPT MBR has no partitions defined']],
    [
      'a guard and more',
      mbr((d) => (protective(d), d.set([0x83], 466))),
      'gpt',
      ['GPT MBR defines invalid extra partitions'],
    ],
    ['FAT', mbr((d) => (d.set([2], 0x10), d.set([0xf8], 0x15))), 'raw', []],
    ['ISO', iso(), 'iso', []],
    ['ISO for a stick', ((d) => (d.set(mbr().subarray(0, 512)), d))(iso()), 'iso', []],
    ['nothing', Buffer.alloc(0), 'raw', []],
    ['a few bytes', Buffer.from('QFI'), 'raw', []],
    ['a cut header', Buffer.from('QFI\xfb\0', 'latin1'), 'qcow2', ['Truncated']],
    ['qcow2 with a compression type', qcow2WithFeatures(0b01000), 'qcow2', []],
    [
      'qcow2 with extended L2 entries',
      qcow2WithFeatures(0b10000),
      'qcow2',
      ['Unknown QCOW2 features found'],
    ],
    [
      'LUKS 2',
      Buffer.concat([Buffer.from('LUKS\xba\xbe\0\x02', 'latin1'), Buffer.alloc(1000)]),
      'luks',
      ['LUKS version 2 is not supported'],
    ],
  ])('%s', async (_case, content, format, violations) => {
    expect(await inspectFormat(await fileOf(content))).toMatchObject({ format, violations })
  })

  it('one format hidden in another is neither', async () => {
    const disk = iso()
    disk.set(Buffer.from('QFI\xfb\0\0\0\x03', 'latin1'))
    await expect(inspectFormat(await fileOf(disk))).rejects.toThrow('not valid for use')
  })
})

describe('what is permitted', () => {
  it.each([
    ['raw as raw', mbr(), 'raw', [], true],
    ['unknown as nothing', Buffer.from('x'), null, [], true],
    ['a kernel', mbr((d) => d.fill(0, 0, 512)), 'aki', [], true],
    ['ISO as raw', iso(), 'raw', [], false],
    ['raw as qcow2', Buffer.from('x'), 'qcow2', [], false],
    ['ISO, not permitted', iso(), 'iso', ['raw'], false],
    ['a disk, raw permitted', mbr(), null, ['raw'], true],
  ])('%s', async (_case, content, declared, permitted, ok) => {
    const formats = permitted.length > 0 ? { permitted_image_formats: permitted } : {}
    const ctx = imageContext(await tempDir(), { conductor: formats })
    const checked = checkImage(ctx, await fileOf(content), declared).then(
      () => 'fine',
      (error: unknown) => String(error),
    )
    expect(await checked).toBe(
      ok ? 'fine' : 'InvalidImage: The requested image is not valid for use.',
    )
  })
})
