import { randomBytes } from 'node:crypto'
import { open, truncate, writeFile, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openDisk } from '../../../src/protocols/iscsi/disk.js'
import { tempDir } from '../../images/_util/context.js'
import { startTgt } from './_tgt.js'

const mib = 1024 * 1024
const iqn = 'iqn.2008-10.org.openstack:node'

async function bed(size = 16 * mib) {
  const file = join(await tempDir(), 'disk')
  await writeFile(file, '')
  await truncate(file, size)
  const tgt = await startTgt(file, iqn)
  onTestFinished(() => tgt.stop())
  const options = {
    host: '127.0.0.1',
    port: tgt.port,
    target: iqn,
    initiator: 'iqn.2026-01.org.ferric:test',
    lun: 1,
    silenceMs: 2_000,
    signal: AbortSignal.timeout(20_000),
  }
  return { file, tgt, options }
}

describe('a disk of tgtd', () => {
  it('is read and written like the file it is', async () => {
    const { file, options } = await bed()
    await using disk = await openDisk(options)
    expect([disk.size, disk.blockSize]).toEqual([16 * mib, 512])
    const bytes = randomBytes(5 * mib + 512)
    await disk.write(mib + 512, bytes)
    await disk.flush()
    const onDisk = (await readFile(file)).subarray(mib + 512, 6 * mib + 1024)
    expect(onDisk.equals(bytes)).toBe(true)
    expect((await disk.read(mib + 512, bytes.length)).equals(bytes)).toBe(true)
    await expect(disk.write(16 * mib, Buffer.alloc(512))).rejects.toThrow('no blocks of a disk')
    await expect(disk.read(1, 512)).rejects.toThrow('no blocks of a disk')
  })

  it('refuses what it does not know', async () => {
    const { options } = await bed()
    const target = `${iqn}-other`
    await expect(openDisk({ ...options, target })).rejects.toThrow(
      `The iSCSI target ${target} refuses the login: there is no such target`,
    )
    await expect(openDisk({ ...options, lun: 7 })).rejects.toThrow('TEST UNIT READY failed')
  })

  it('is noticed to be gone, in the middle of a transfer', async () => {
    const { file, tgt, options } = await bed()
    const handle = await open(file)
    await handle.close()
    const disk = await openDisk(options)
    const writing = disk.write(0, Buffer.alloc(15 * mib, 1)).then(() => disk.read(0, 15 * mib))
    await Promise.all([
      tgt.stop(),
      expect(writing).rejects.toThrow('The iSCSI target at 127.0.0.1'),
    ])
    await expect(disk.read(0, 512)).rejects.toThrow('The iSCSI target at 127.0.0.1')
    await expect(openDisk(options)).rejects.toThrow('cannot be reached: connect ECONNREFUSED')
    await disk.close()
  })

  it('is let go of when nobody wants it any more', async () => {
    const { options } = await bed()
    const controller = new AbortController()
    const disk = await openDisk({ ...options, signal: controller.signal })
    controller.abort(new Error('enough'))
    await expect(disk.read(0, 512)).rejects.toThrow('enough')
  })
})
