import { execFileSync } from 'node:child_process'
import { open, readFile, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { deployPartitionImage, deployWholeDisk } from '../../../src/images/disk/deploy.js'
import { mib, type BlockDevice } from '../../../src/images/disk/device.js'
import { soon, tempDir } from '../_util/context.js'

const run = (program: string, ...args: string[]) =>
  execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })

/** A disk full of what was there before. */
async function oldDisk(size: number) {
  const dir = await tempDir()
  const path = join(dir, 'disk')
  await writeFile(path, Buffer.alloc(size, 0xa5))
  const file = await open(path, 'r+')
  onTestFinished(() => file.close())
  const device: BlockDevice = {
    size,
    blockSize: 512,
    async read(offset, length) {
      const bytes = Buffer.alloc(length)
      await file.read(bytes, 0, length, offset)
      return bytes
    },
    async write(offset, bytes) {
      if (offset % 512 !== 0 || bytes.length % 512 !== 0) throw new Error('not whole blocks')
      await file.write(bytes, 0, bytes.length, offset)
    },
    flush: () => Promise.resolve(),
  }
  const image = join(dir, 'image')
  await writeFile(image, '')
  await truncate(image, 8 * mib)
  run(
    'mkfs.ext4',
    '-q',
    '-F',
    '-L',
    'the-root',
    '-U',
    '11111111-2222-4333-8444-555555555555',
    image,
  )
  const told: string[] = []
  const options = { dir, signal: soon(), tell: (what: string) => told.push(what) }
  return { dir, path, device, image, options, told }
}
const wanted = {
  rootMb: 10,
  swapMb: 4,
  ephemeralMb: 16,
  configDrive: Buffer.alloc(1000, 'config'),
  configDriveSize: 1000,
  localBoot: null,
  label: 'msdos' as const,
  ephemeralFormat: 'ext4',
  preserveEphemeral: false,
}
/** A part of the disk, in a file of its own. */
async function part(path: string, start: number, size: number): Promise<string> {
  const out = `${path}-${start}`
  await writeFile(out, (await readFile(path)).subarray(start, start + size))
  return out
}
const blkid = (path: string, tag: string) =>
  run('blkid', '-p', '-s', tag, '-o', 'value', path).trim()

describe('a partition image', () => {
  it('gets a table, its partitions and file systems that others find in order', async () => {
    const { device, image, options, path, told } = await oldDisk(48 * mib)
    const uuid = await deployPartitionImage(device, { ...wanted, image }, options)
    expect(uuid).toBe('11111111-2222-4333-8444-555555555555')
    const table = run('parted', '-s', '-m', path, 'unit', 'MiB', 'print')
    expect(table).toContain(':msdos:')
    expect(table).toMatch(/1:1.00MiB:17.0MiB:16.0MiB:ext4/)
    expect(table).toMatch(/2:17.0MiB:21.0MiB:4.00MiB:linux-swap/)
    expect(table).toMatch(/3:21.0MiB:22.0MiB:1.00MiB/)
    expect(table).toMatch(/4:22.0MiB:32.0MiB:10.0MiB:ext4/)
    const ephemeral = await part(path, mib, 16 * mib)
    expect(run('e2fsck', '-fn', ephemeral)).toContain('Pass 5')
    expect(blkid(ephemeral, 'LABEL')).toBe('ephemeral0')
    const swap = await part(path, 17 * mib, 4 * mib)
    expect([blkid(swap, 'TYPE'), blkid(swap, 'LABEL')]).toEqual(['swap', 'swap1'])
    const root = await part(path, 22 * mib, 10 * mib)
    expect(blkid(root, 'LABEL')).toBe('the-root')
    expect((await readFile(path)).toString('latin1', 21 * mib, 21 * mib + 1000)).toBe(
      wanted.configDrive.toString(),
    )
    expect(told).toContain('writes the image')
  })

  it('boots by itself with UEFI from a GPT that gdisk finds no fault in', async () => {
    const { device, image, options, path } = await oldDisk(260 * mib)
    const local = {
      ...wanted,
      ephemeralMb: 0,
      label: 'gpt' as const,
      localBoot: 'uefi' as const,
      image,
    }
    await deployPartitionImage(device, local, options)
    expect(run('sgdisk', '-v', path)).toContain('No problems found')
    expect(run('sgdisk', '-i', '1', path)).toContain('EFI system partition')
    const efi = await part(path, mib, 200 * mib)
    expect([blkid(efi, 'TYPE'), blkid(efi, 'LABEL')]).toEqual(['vfat', 'efi-part'])
    expect(run('fsck.vfat', '-n', efi)).toContain('files')
  })

  it('leaves the ephemeral partition alone when asked, and refuses another layout', async () => {
    const { device, image, options, path } = await oldDisk(48 * mib)
    await deployPartitionImage(device, { ...wanted, image }, options)
    const before = (await readFile(path)).subarray(0, 17 * mib)
    await deployPartitionImage(device, { ...wanted, image, preserveEphemeral: true }, options)
    expect((await readFile(path)).subarray(0, 17 * mib).equals(before)).toBe(true)
    const other = { ...wanted, image, preserveEphemeral: true, swapMb: 5 }
    await expect(deployPartitionImage(device, other, options)).rejects.toThrow('cannot be kept')
  })

  it.each([
    [
      'a disk too small',
      { rootMb: 100 },
      'The disk of 48 MiB is too small for partitions of 122 MiB',
    ],
    [
      'an image too large',
      { rootMb: 4 },
      'The image of 8 MiB does not fit the root partition of 4 MiB',
    ],
    [
      'an unknown file system',
      { ephemeralFormat: '../x' },
      'A file system of type ../x cannot be made',
    ],
  ])('is refused for %s', async (_case, change, reason) => {
    const { device, image, options } = await oldDisk(48 * mib)
    const deploying = deployPartitionImage(device, { ...wanted, image, ...change }, options)
    await expect(deploying).rejects.toThrow(reason)
  })
})

it('tells the GUID of a whole disk with a GPT', async () => {
  const { device, dir, options } = await oldDisk(16 * mib)
  const image = join(dir, 'whole')
  await writeFile(image, '')
  await truncate(image, 8 * mib)
  run('sgdisk', '-U', '410f9513-457d-4d3b-b216-8f3749a3e752', '-n', '1:2048:0', image)
  expect(await deployWholeDisk(device, image, options)).toBe('410f9513-457d-4d3b-b216-8f3749a3e752')
})

it('writes a whole disk and tells its identifier', async () => {
  const { device, dir, path, options } = await oldDisk(16 * mib)
  const image = join(dir, 'whole')
  await writeFile(image, '')
  await truncate(image, 8 * mib)
  run('parted', '-s', image, 'mklabel', 'msdos', 'mkpart', 'primary', '1MiB', '4MiB')
  const identifier = await deployWholeDisk(device, image, options)
  expect(identifier).toBe(
    `0x${(await readFile(image)).readUInt32LE(440).toString(16).padStart(8, '0')}`,
  )
  expect((await readFile(path)).subarray(0, 8 * mib).equals(await readFile(image))).toBe(true)
  const blank = join(dir, 'blank')
  await writeFile(blank, Buffer.alloc(mib))
  await expect(deployWholeDisk(device, blank, options)).rejects.toThrow('no partition table')
  await truncate(blank, 17 * mib)
  await expect(deployWholeDisk(device, blank, options)).rejects.toThrow(
    'does not fit the disk of 16 MiB',
  )
})
