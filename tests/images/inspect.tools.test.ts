import { execFileSync } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { checkImage, inspectFormat } from '../../src/images/inspect.js'
import { imageContext, tempDir } from './_util/context.js'

const qemu = (...args: string[]) => execFileSync('qemu-img', args, { stdio: 'pipe' })
const mib = 1024 * 1024

describe('made by qemu-img', () => {
  it.each([
    ['qcow2', 'qcow2'],
    ['vpc', 'vhd'],
    ['vhdx', 'vhdx'],
    ['vmdk', 'vmdk'],
    ['vdi', 'vdi'],
    ['raw', 'raw'],
  ])('%s is %s', async (made, format) => {
    const path = join(await tempDir(), 'image')
    const size = made === 'vpc' ? ['-o', 'force_size=on'] : []
    qemu('create', '-f', made, ...size, path, '16M')
    const found = await inspectFormat(path)
    expect(found.format).toBe(format)
    expect(found).toMatchObject({ virtualSize: 16 * mib, violations: [] })
  })

  it('qed is never allowed', async () => {
    const path = join(await tempDir(), 'image')
    qemu('create', '-f', 'qed', path, '1M')
    expect((await inspectFormat(path)).violations).toEqual(['This file format is not allowed'])
  })

  it('a stream of VMware has a footer that is looked at', async () => {
    const dir = await tempDir()
    const [raw, path] = [join(dir, 'raw'), join(dir, 'image')]
    await writeFile(raw, Buffer.alloc(mib, 7))
    qemu('convert', '-O', 'vmdk', '-o', 'subformat=streamOptimized', raw, path)
    expect(await inspectFormat(path)).toMatchObject({ format: 'vmdk', violations: [] })
  })

  it.each([
    ['a backing file', ['-b', '/etc/passwd', '-F', 'raw', '-u'], 'Image has a backing file'],
    ['a data file', ['-o', 'data_file=other,data_file_raw=on'], 'Image has data_file set'],
  ])('qcow2 with %s is refused', async (_case, options, violation) => {
    const dir = await tempDir()
    const path = join(dir, 'image')
    const full = options.map((option) => option.replace('=other', `=${join(dir, 'other')}`))
    qemu('create', '-f', 'qcow2', ...full, path, '1M')
    expect((await inspectFormat(path)).violations).toContain(violation)
    await expect(checkImage(imageContext(dir), path, 'qcow2')).rejects.toThrow(
      'The requested image is not valid for use.',
    )
  })

  it.each(['monolithicFlat', 'twoGbMaxExtentSparse'])('VMware %s is refused', async (subformat) => {
    const path = join(await tempDir(), 'image.vmdk')
    qemu('create', '-f', 'vmdk', '-o', `subformat=${subformat}`, path, '1M')
    expect(await inspectFormat(path)).toMatchObject({
      format: 'vmdk',
      violations: ['Unsupported subformat'],
    })
  })

  it('any cut of any header is survived', async () => {
    const dir = await tempDir()
    for (const made of ['qcow2', 'vpc', 'vhdx', 'vmdk', 'vdi']) {
      const path = join(dir, made)
      qemu('create', '-f', made, path, '1M')
      const whole = await readFile(path)
      for (let length = 1; length < 2000; length += 61) {
        await writeFile(join(dir, 'cut'), whole.subarray(0, length))
        expect((await inspectFormat(join(dir, 'cut'))).format).toBeTypeOf('string')
      }
    }
  })
})
