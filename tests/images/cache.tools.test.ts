import { execFileSync } from 'node:child_process'
import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { imageCache } from '../../src/images/cache/cache.js'
import { imageContext, soon, tempDir } from './_util/context.js'

const qemu = (...args: string[]) => execFileSync('qemu-img', args, { stdio: 'pipe' })

async function bed() {
  const dir = await tempDir()
  const disk = Buffer.alloc(2 * 1024 * 1024)
  disk.write('some content', 1024 * 1024)
  await writeFile(join(dir, 'disk.raw'), disk)
  qemu('convert', '-O', 'qcow2', join(dir, 'disk.raw'), join(dir, 'disk.qcow2'))
  return { dir, disk, cache: imageCache(imageContext(dir)) }
}

it('converts to raw once, keeps the holes, and sees when the file changed', async () => {
  const { dir, disk, cache } = await bed()
  const href = `file://${dir}/disk.qcow2`
  const fetch = () => cache.fetch(href, { signal: soon(), raw: true })
  const one = await fetch()
  expect((await readFile(one.path)).equals(disk)).toBe(true)
  expect(one).toMatchObject({ size: disk.length, format: 'qcow2' })
  expect((await stat(one.path)).blocks * 512).toBeLessThan(disk.length)
  const again = await fetch()
  expect((await stat(again.path)).ino).toBe((await stat(one.path)).ino)
  disk.write('something else', 0)
  await writeFile(join(dir, 'disk.raw'), disk)
  qemu('convert', '-O', 'qcow2', join(dir, 'disk.raw'), join(dir, 'disk.qcow2'))
  expect((await readFile((await fetch()).path)).equals(disk)).toBe(true)
  expect(await readdir(join(dir, 'master_images/.parts'))).toEqual([])
})

it('leaves raw images as they are, and converts none unasked', async () => {
  const { dir, cache } = await bed()
  const raw = await cache.fetch(`file://${dir}/disk.raw`, { signal: soon(), raw: true })
  expect((await stat(raw.path)).ino).toBe((await stat(join(dir, 'disk.raw'))).ino)
  const whole = await cache.fetch(`file://${dir}/disk.qcow2`, { signal: soon() })
  expect((await readFile(whole.path)).subarray(0, 3).toString()).toBe('QFI')
})

it('never converts an image that reads others', async () => {
  const { dir, cache } = await bed()
  await writeFile(join(dir, 'secret'), Buffer.alloc(1024 * 1024, 's'))
  // prettier-ignore
  qemu('create', '-f', 'qcow2', '-b', join(dir, 'secret'), '-F', 'raw', join(dir, 'evil'), '1M')
  const fetching = cache.fetch(`file://${dir}/evil`, { signal: soon(), raw: true })
  await expect(fetching).rejects.toThrow('The requested image is not valid for use.')
})

it('says what qemu-img says of a broken image', async () => {
  const { dir, cache } = await bed()
  const broken = await readFile(join(dir, 'disk.qcow2'))
  // Clusters of a size there is not.
  broken.writeUInt32BE(63, 20)
  await writeFile(join(dir, 'broken'), broken)
  const fetching = cache.fetch(`file://${dir}/broken`, { signal: soon(), raw: true })
  await expect(fetching).rejects.toThrow(/is unacceptable: qemu-img: /)
  expect(await readdir(join(dir, 'master_images/.parts'))).toEqual([])
})
