import { execFileSync } from 'node:child_process'
import { readFile, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ne } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { defaultConfig, type ConfigOverrides } from '../../../src/config/index.js'
import { timeoutPeriodics } from '../../../src/conductor/periodic/timeouts.js'
import { conductors } from '../../../src/db/schema/index.js'
import { createDriverRegistry } from '../../../src/drivers/registry.js'
import type { Database } from '../../../src/db/types.js'
import { apiClient } from '../../_util/api.js'
import { testDatabase } from '../../_util/database.js'
import { addNode, allFake, drain, nodeOf, registerHost, testBed } from '../../conductor/_harness.js'
import { tempDir } from '../../images/_util/context.js'
import { log } from '../_util/task.js'
import { Ramdisk } from './_ramdisk.js'

const mib = 1024 * 1024
const uuid = '11111111-2222-4333-8444-555555555555'
let db: Database
beforeAll(async () => {
  db = await testDatabase()
})
afterAll(() => db.close())

/** A process, an image of a file system, and a machine whose deployment has begun. */
async function deploying(change: Record<string, unknown> = {}, diskSize = 64 * mib) {
  const dir = await tempDir()
  const config: ConfigOverrides = {
    DEFAULT: {
      state_path: dir,
      enabled_hardware_types: ['fake-hardware'],
      enabled_deploy_interfaces: ['iscsi', 'fake'],
      enabled_vendor_interfaces: ['iscsi', 'fake'],
    },
    pxe: { instance_master_path: join(dir, 'masters') },
    conductor: { file_url_allowed_paths: [dir], heartbeat_timeout: 0 },
  }
  const drivers = await createDriverRegistry(defaultConfig(config), log.drivers)
  const ctx = await testBed(db, { drivers, config, host: dir })
  await registerHost(ctx)
  const image = join(dir, 'image')
  await writeFile(image, '')
  await truncate(image, 8 * mib)
  execFileSync('mkfs.ext4', ['-q', '-F', '-U', uuid, image])
  // Sizes of instances are whole GiB; a disk with holes costs nothing.
  const instanceInfo = {
    image_source: `file://${image}`,
    image_type: 'partition',
    root_gb: 1,
    swap_mb: 16,
    configdrive: { meta_data: { hello: 'world' } },
    ...change,
  }
  const own = { ...allFake, deployInterface: 'iscsi', vendorInterface: 'iscsi' }
  const node = await addNode(ctx, { ...own, provisionState: 'available', instanceInfo })
  const send = apiClient(ctx)
  const ramdisk = new Ramdisk(dir, node.uuid)
  onTestFinished(() => ramdisk.stop())
  await ramdisk.start(diskSize)
  const state = () => nodeOf(ctx, node.id)
  const call = async (method: string, body: Record<string, unknown>) => {
    const path = `/v1/nodes/${node.uuid}/vendor_passthru/${method}`
    const reply = await send('POST', path, { version: '1.1', body })
    await drain(ctx)
    return reply
  }
  const active = async () => {
    const path = `/v1/nodes/${node.uuid}/states/provision`
    expect((await send('PUT', path, { version: '1.87', body: { target: 'active' } })).status).toBe(
      202,
    )
    await drain(ctx)
    return (await state()).instanceInfo?.['deploy_key']
  }
  const passTimeout = async () => {
    // The processes of the tests before are not there any more to look after the node.
    await db.orm.update(conductors).set({ online: false }).where(ne(conductors.hostname, dir))
    ctx.clock.advance(1801 * 1000)
    for (const one of timeoutPeriodics(ctx)) await one.run(ctx, new AbortController().signal)
    await drain(ctx)
  }
  return { dir, image, node, ramdisk, state, call, key: await active(), active, passTimeout }
}

const gib = 1024 * mib
const at = async (path: string, start: number, length: number) => {
  const { open } = await import('node:fs/promises')
  await using file = await open(path)
  const bytes = Buffer.alloc(length)
  await file.read(bytes, 0, length, start)
  return bytes
}

describe('a deployment by iSCSI', () => {
  it('writes a partition image that boots over the network', async () => {
    const { ramdisk, state, call, key, image } = await deploying({}, 2 * gib)
    expect((await state()).provisionState).toBe('wait call-back')
    expect(key).toMatch(/^[A-Za-z0-9]{32}$/)
    const reply = await call('pass_deploy_info', ramdisk.info(key))
    expect([reply.status, (await state()).lastError]).toEqual([202, null])
    const done = await state()
    expect(done.provisionState).toBe('active')
    expect(done.driverInternalInfo?.['root_uuid_or_disk_id']).toBe(uuid)
    expect(ramdisk.told).toEqual(['done'])
    // Swap, config drive, root; nothing of the deployment is kept.
    const drive = await at(ramdisk.disk, 17 * mib + 32768, 2048)
    expect(drive.toString('latin1', 40, 48)).toBe('config-2')
    const root = await at(ramdisk.disk, 18 * mib, 8 * mib)
    expect(root.equals(await readFile(image))).toBe(true)
    expect(done.instanceInfo).not.toHaveProperty('deploy_key')
    expect(Object.keys(done.driverInternalInfo ?? {}).filter((k) => k.startsWith('iscsi'))).toEqual(
      [],
    )
  })

  it('has the ramdisk install the boot loader where the instance boots from its disk', async () => {
    const local = { capabilities: { boot_option: 'local', boot_mode: 'bios' } }
    const { ramdisk, state, call, key } = await deploying(local, 2 * gib)
    await call('pass_deploy_info', ramdisk.info(key))
    expect([(await state()).provisionState, ramdisk.told]).toEqual(['wait call-back', ['done']])
    expect((await at(ramdisk.disk, 0, 512))[446 + 32]).toBe(0x80)
    await call('pass_bootloader_install_info', ramdisk.info(key, { status: 'SUCCEEDED' }))
    expect([(await state()).provisionState, ramdisk.told]).toEqual(['active', ['done', 'done']])
  })

  it('ends with what the ramdisk says of the boot loader', async () => {
    const { ramdisk, state, call, key, node } = await deploying(
      { capabilities: { boot_option: 'local' } },
      2 * gib,
    )
    await call('pass_deploy_info', ramdisk.info(key))
    await call(
      'pass_bootloader_install_info',
      ramdisk.info(key, { status: 'FAILED', error: 'no grub' }),
    )
    const failed = await state()
    expect(failed.provisionState).toBe('deploy failed')
    expect(failed.lastError).toBe(
      `Failed to install bootloader on node ${node.uuid}. Error: no grub.`,
    )
  })

  it('writes a whole disk', async () => {
    const bed = await deploying({ image_type: 'whole-disk', swap_mb: 0 })
    // The image was fetched as a file system; the one written is a disk.
    const failed = await bed.call('pass_deploy_info', bed.ramdisk.info(bed.key))
    expect(failed.status).toBe(202)
    expect((await bed.state()).lastError).toContain('The image has no partition table')
    execFileSync('parted', [
      '-s',
      bed.image,
      'mklabel',
      'msdos',
      'mkpart',
      'primary',
      '1MiB',
      '4MiB',
    ])
    await bed.call('pass_deploy_info', bed.ramdisk.info(await bed.active()))
    const done = await bed.state()
    expect([done.provisionState, done.lastError]).toEqual(['active', null])
    expect(done.driverInternalInfo?.['root_uuid_or_disk_id']).toMatch(/^0x[0-9a-f]{8}$/)
  })
})

describe('what goes wrong is said, and a retry works', () => {
  it.each([
    ['a disk too small', {}, 'The disk of 64 MiB is too small for partitions of 1042 MiB'],
    [
      'an error of the ramdisk',
      { error: 'no disk' },
      'Error returned from deploy ramdisk: no disk',
    ],
    [
      'another target',
      { iqn: 'iqn.2008-10.org.openstack:other' },
      'refuses the login: there is no such target',
    ],
    ['another unit', { lun: '7' }, 'TEST UNIT READY failed'],
  ])('%s', async (_case, change, reason) => {
    const bed = await deploying()
    const wrong = { ...bed.ramdisk.info(bed.key), ...change }
    expect((await bed.call('pass_deploy_info', wrong)).status).toBe(202)
    const failed = await bed.state()
    expect([failed.provisionState, failed.lastError]).toEqual([
      'deploy failed',
      expect.stringContaining(reason),
    ])
    await bed.ramdisk.stop()
    await bed.ramdisk.start(2 * gib)
    const key = await bed.active()
    expect(key).not.toBe(bed.key)
    await bed.call('pass_deploy_info', bed.ramdisk.info(key))
    expect((await bed.state()).provisionState).toBe('active')
  })

  it('a machine that is gone', async () => {
    const bed = await deploying()
    await bed.ramdisk.stop()
    await bed.call('pass_deploy_info', bed.ramdisk.info(bed.key))
    const failed = await bed.state()
    expect(failed.provisionState).toBe('deploy failed')
    expect(failed.lastError).toContain(`The iSCSI target at ${bed.ramdisk.address}`)
  })

  it.each([
    ['a wrong key', { key: 'x'.repeat(32) }, 'Deploy key does not match'],
    ['a short key', { key: 'x' }, 'Deploy key does not match'],
    ['no key', { key: '' }, "Parameters ['key'] were not passed to ironic for deploy."],
    [
      'no address',
      { address: null },
      "Parameters ['address'] were not passed to ironic for deploy.",
    ],
    ['a name for an address', { address: 'localhost' }, 'is no IP address'],
    ['a name that is none', { iqn: 'iqn.x y' }, 'is no iSCSI name'],
    ['a port that is none', { port: '70000' }, 'is not a valid port'],
  ])('%s is refused at once, and the machine still waited for', async (_case, change, reason) => {
    const bed = await deploying()
    const reply = await bed.call('pass_deploy_info', { ...bed.ramdisk.info(bed.key), ...change })
    expect([reply.status, JSON.stringify(reply.body)]).toEqual([
      400,
      expect.stringContaining(reason),
    ])
    expect(JSON.stringify(reply.body)).not.toContain(String(bed.key))
    expect((await bed.state()).provisionState).toBe('wait call-back')
  })

  it('a machine that goes in the middle of the writing', async () => {
    const bed = await deploying({}, 2 * gib)
    const port = await bed.ramdisk.losesPowerAfter(mib)
    await bed.call('pass_deploy_info', bed.ramdisk.info(bed.key, { port }))
    const failed = await bed.state()
    expect([failed.provisionState, failed.lastError]).toEqual([
      'deploy failed',
      expect.stringMatching(/Deploy failed for instance .*The iSCSI target at \S+ is gone/),
    ])
    await bed.call('pass_deploy_info', bed.ramdisk.info(await bed.active()))
    expect((await bed.state()).provisionState).toBe('active')
  })

  it('a ramdisk that never had the right key, when the wait for it is over', async () => {
    const bed = await deploying({}, 2 * gib)
    await bed.call('pass_deploy_info', bed.ramdisk.info('x'.repeat(32)))
    await bed.passTimeout()
    const failed = await bed.state()
    expect([failed.provisionState, failed.lastError]).toEqual([
      'deploy failed',
      `Timeout reached while waiting for callback for node ${failed.uuid}. Its last call, pass_deploy_info, was refused: Deploy key does not match`,
    ])
    await bed.call('pass_deploy_info', bed.ramdisk.info(await bed.active()))
    expect((await bed.state()).provisionState).toBe('active')
  })

  it('a call nobody waits for', async () => {
    const bed = await deploying({}, 2 * gib)
    await bed.call('pass_deploy_info', bed.ramdisk.info(bed.key))
    const again = await bed.call('pass_deploy_info', bed.ramdisk.info(bed.key))
    expect([again.status, (await bed.state()).provisionState]).toEqual([400, 'active'])
  })
})
