import { mkdtempSync, rmSync } from 'node:fs'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eq } from 'drizzle-orm'
import { afterAll, describe, expect, it } from 'vitest'
import {
  getBootDevice,
  getSupportedBootDevices,
  setBootDevice,
} from '../../../src/conductor/operations/boot-device.js'
import { setBootMode, setSecureBoot } from '../../../src/conductor/operations/boot-mode.js'
import { getConsole, setConsoleMode } from '../../../src/conductor/operations/console.js'
import {
  getIndicatorState,
  getSupportedIndicators,
  setIndicatorState,
} from '../../../src/conductor/operations/indicators.js'
import { injectNmi } from '../../../src/conductor/operations/nmi.js'
import { setTargetRaidConfig } from '../../../src/conductor/operations/raid.js'
import { validateInterfaces } from '../../../src/conductor/operations/validate.js'
import {
  attachVirtualMedia,
  detachVirtualMedia,
  getVirtualMedia,
} from '../../../src/conductor/operations/vmedia.js'
import { nodeHistory, nodes, nodeTraits } from '../../../src/db/schema/index.js'
import { fakeManagement } from '../../../src/drivers/management/fake.js'
import { fakeConsole } from '../../../src/drivers/console/fake.js'
import type { ManagementInterface } from '../../../src/drivers/interfaces.js'
import { UnsupportedDriverExtension } from '../../../src/errors.js'
import { drain, nodeOf, someone } from '../../conductor/_harness.js'
import { operationsBed, statusOf, textOf } from './_bed.js'

const seen: string[] = []
/** A BMC that can do what the fake one cannot. */
const capable: ManagementInterface = {
  ...fakeManagement,
  name: 'capable',
  getBootMode: () => Promise.resolve('bios'),
  setBootMode: (_task, mode) => Promise.resolve(void seen.push(`mode ${mode}`)),
  getSecureBootState: () => Promise.reject(new Error('no answer')),
  setSecureBootState: (_task, state) => Promise.resolve(void seen.push(`secure ${state}`)),
  injectNmi: () => Promise.resolve(void seen.push('nmi')),
  setIndicatorState: (_task, component, indicator, state) =>
    Promise.resolve(void seen.push(`${component} ${indicator} ${state}`)),
  getVirtualMedia: () => Promise.resolve([{ media_types: ['CD'] }]),
  attachVirtualMedia: (_task, device, url) => Promise.resolve(void seen.push(`${device} ${url}`)),
  detachVirtualMedia: (_task, devices) => Promise.resolve(void seen.push(devices.join())),
}
const brokenConsole = {
  ...fakeConsole,
  name: 'broken',
  startConsole: () => Promise.reject(new Error('no port')),
}

const directory = mkdtempSync(join(tmpdir(), 'ferric-media-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

const bed = operationsBed(
  {
    conductor: { file_url_allowed_paths: [directory] },
    deploy: { http_root: directory, http_url: 'http://here' },
    pxe: { instance_master_path: join(directory, 'masters') },
    DEFAULT: {
      enabled_hardware_types: ['fake-hardware', 'manual-management'],
      enabled_management_interfaces: ['fake', 'noop', 'capable'],
      enabled_console_interfaces: ['fake', 'no-console', 'broken'],
    },
  },
  [{ hardwareTypes: [], interfaces: [capable, brokenConsole] }],
)
const unsupported = (extension: string, driver = 'fake-hardware') =>
  `Driver ${driver} does not support ${extension} (disabled or not implemented).`

describe('boot devices', () => {
  it('are set, read and listed', async () => {
    const { ctx } = bed
    const { uuid } = await bed.node()
    await setBootDevice(ctx, someone, uuid, 'pxe', true)
    expect(await getBootDevice(ctx, someone, uuid)).toEqual({
      boot_device: 'pxe',
      persistent: false,
    })
    expect(await getSupportedBootDevices(ctx, someone, uuid)).toEqual(['pxe'])
    expect(await textOf(setBootDevice(ctx, someone, uuid, 'disk', false))).toBe(
      'Invalid boot device disk specified.',
    )
  })

  it('are listed of a locked node, and not read or set', async () => {
    const { ctx } = bed
    const { uuid } = await bed.node({ reservation: 'elsewhere' })
    expect(await getSupportedBootDevices(ctx, someone, uuid)).toEqual(['pxe'])
    expect(await statusOf(getBootDevice(ctx, someone, uuid))).toBe(409)
    expect(await statusOf(setBootDevice(ctx, someone, uuid, 'pxe', false))).toBe(409)
  })
})

describe('what only some BMCs can', () => {
  it('is refused by name on the fake one', async () => {
    const { ctx } = bed
    const { uuid } = await bed.node()
    expect(await textOf(injectNmi(ctx, someone, uuid))).toBe(unsupported('inject_nmi'))
    expect(await textOf(getVirtualMedia(ctx, someone, uuid))).toBe(unsupported('get_virtual_media'))
    expect(await textOf(setIndicatorState(ctx, someone, uuid, 'system', 'led', 'on'))).toBe(
      unsupported('set_indicator_state'),
    )
    const manual = await bed.node({ driver: 'manual-management' })
    const driver = 'manual-management'
    expect(await textOf(getSupportedIndicators(ctx, someone, manual.uuid))).toBe(
      unsupported('get_supported_indicators', driver),
    )
    expect(await textOf(getIndicatorState(ctx, someone, manual.uuid, 'a', 'b'))).toBe(
      unsupported('get_indicator_state', driver),
    )
  })

  it('is done where it can be', async () => {
    const { ctx } = bed
    const { uuid } = await bed.node({ managementInterface: 'capable' })
    seen.length = 0
    await injectNmi(ctx, someone, uuid)
    await setIndicatorState(ctx, someone, uuid, 'system', 'led', 'on')
    expect(seen).toEqual(['nmi', 'system led on'])
    expect(await getVirtualMedia(ctx, someone, uuid)).toEqual([{ media_types: ['CD'] }])
    expect(await getIndicatorState(ctx, someone, uuid, 'system', 'led')).toBe('on')
    expect(Object.keys(await getSupportedIndicators(ctx, someone, uuid, 'chassis'))).toEqual([
      'chassis',
    ])
  })
})

describe('boot mode and secure boot', () => {
  it('fail in the background with upstream’s texts', async () => {
    const { ctx } = bed
    const { id, uuid } = await bed.node({ lastError: 'older' })
    await setBootMode(ctx, someone, uuid, 'uefi')
    expect(await nodeOf(ctx, id)).toMatchObject({ lastError: null, reservation: ctx.host })
    await drain(ctx)
    expect(await nodeOf(ctx, id)).toMatchObject({
      lastError: `Failed to change boot mode to 'uefi: ${unsupported('set_boot_mode')}`,
      reservation: null,
      bootMode: null,
    })
    await setSecureBoot(ctx, someone, uuid, true)
    await drain(ctx)
    expect((await nodeOf(ctx, id)).lastError).toBe(
      `Failed to change secure_boot state to 'True': ${unsupported('set_secure_boot_state')}`,
    )
  })

  it('are changed and remembered', async () => {
    const { ctx } = bed
    const { id, uuid } = await bed.node({ managementInterface: 'capable' })
    seen.length = 0
    await setBootMode(ctx, someone, uuid, 'uefi')
    await drain(ctx)
    await setSecureBoot(ctx, someone, uuid, false)
    await drain(ctx)
    expect(seen).toEqual(['mode uefi', 'secure false'])
    expect(await nodeOf(ctx, id)).toMatchObject({
      bootMode: 'uefi',
      secureBoot: false,
      lastError: null,
    })
  })

  it('are left alone when they are as wanted', async () => {
    const { ctx } = bed
    const { uuid } = await bed.node({ managementInterface: 'capable' })
    seen.length = 0
    await setBootMode(ctx, someone, uuid, 'bios')
    await drain(ctx)
    expect(seen).toEqual([])
  })
})

describe('the console', () => {
  it('is switched on and off in the background', async () => {
    const { ctx } = bed
    const { id, uuid } = await bed.node({ lastError: 'older' })
    expect(await getConsole(ctx, someone, uuid)).toBeNull()
    await setConsoleMode(ctx, someone, uuid, true)
    await drain(ctx)
    expect(await nodeOf(ctx, id)).toMatchObject({
      consoleEnabled: true,
      lastError: null,
      reservation: null,
    })
    expect(await getConsole(ctx, someone, uuid)).toEqual({})
    await setConsoleMode(ctx, someone, uuid, false)
    await drain(ctx)
    expect((await nodeOf(ctx, id)).consoleEnabled).toBe(false)
  })

  it('asks for no lock when it is as wanted', async () => {
    const { ctx } = bed
    const { uuid } = await bed.node({ reservation: 'elsewhere', consoleEnabled: true })
    await setConsoleMode(ctx, someone, uuid, true)
    expect(ctx.queue.messages).toEqual([])
    expect(await statusOf(setConsoleMode(ctx, someone, uuid, false))).toBe(409)
  })

  it('that fails leaves an error and a history row', async () => {
    const { ctx } = bed
    const { id, uuid } = await bed.node({ consoleInterface: 'broken' })
    await setConsoleMode(ctx, someone, uuid, true)
    await drain(ctx)
    const text = `Error enabling the console on node ${uuid}. Reason: no port`
    expect(await nodeOf(ctx, id)).toMatchObject({ consoleEnabled: false, lastError: text })
    const rows = await ctx.db.orm.select().from(nodeHistory).where(eq(nodeHistory.nodeId, id))
    expect(rows.map((r) => [r.event, r.eventType, r.severity])).toEqual([
      [text, 'console', 'ERROR'],
    ])
  })

  it('that is not there is refused', async () => {
    const { ctx } = bed
    const { uuid } = await bed.node({ consoleInterface: 'no-console', consoleEnabled: true })
    expect(await textOf(getConsole(ctx, someone, uuid))).toBe(unsupported('console'))
    expect(await textOf(setConsoleMode(ctx, someone, uuid, false))).toBe(unsupported('console'))
  })
})

describe('virtual media', () => {
  const medium = {
    deviceType: 'cdrom',
    imageUrl: 'http://x/i',
    imageDownloadSource: 'local',
  } as const

  it('cannot be attached to or detached from fake hardware', async () => {
    const { ctx } = bed
    const { id, uuid } = await bed.node()
    await attachVirtualMedia(ctx, someone, uuid, medium)
    await drain(ctx)
    expect((await nodeOf(ctx, id)).lastError).toBe(
      `Could not attach device cdrom to node ${uuid}: Publishing images is not supported for driver fake-hardware`,
    )
    await detachVirtualMedia(ctx, someone, uuid)
    await drain(ctx)
    expect((await nodeOf(ctx, id)).lastError).toBe(
      `Could not detach device(s) None from node ${uuid}: ${unsupported('detach_virtual_media')}`,
    )
    await detachVirtualMedia(ctx, someone, uuid, ['cdrom', 'floppy'])
    await drain(ctx)
    expect((await nodeOf(ctx, id)).lastError).toBe(
      `Could not detach device(s) ['cdrom', 'floppy'] from node ${uuid}: ${unsupported('detach_virtual_media')}`,
    )
  })

  it('is attached and detached where a BMC can', async () => {
    const { ctx } = bed
    const { id, uuid } = await bed.node({ managementInterface: 'capable' })
    seen.length = 0
    await attachVirtualMedia(ctx, someone, uuid, { ...medium, imageDownloadSource: 'http' })
    await drain(ctx)
    await detachVirtualMedia(ctx, someone, uuid)
    await drain(ctx)
    expect(seen).toEqual(['cdrom http://x/i', 'disk,cdrom,floppy'])
    expect((await nodeOf(ctx, id)).lastError).toBeNull()
  })

  it('is published from here by default, until it is detached', async () => {
    const { ctx } = bed
    await writeFile(join(directory, 'own.iso'), 'a disc')
    const node = await bed.node({ managementInterface: 'capable' })
    seen.length = 0
    const imageUrl = `file://${directory}/own.iso`
    await attachVirtualMedia(ctx, someone, node.uuid, { ...medium, imageUrl })
    await drain(ctx)
    expect((await nodeOf(ctx, node.id)).lastError).toBeNull()
    const name = `cdrom-${node.uuid}.iso`
    expect(seen).toEqual([`cdrom http://here/redfish/${name}`])
    expect(await readFile(join(directory, 'redfish', name), 'utf8')).toBe('a disc')
    await detachVirtualMedia(ctx, someone, node.uuid)
    await drain(ctx)
    expect(await readdir(join(directory, 'redfish'))).toEqual([])
  })

  it('waits for the power to come back', async () => {
    const { ctx } = bed
    const { uuid } = await bed.node({ maintenance: true, fault: 'power failure' })
    const attach = attachVirtualMedia(ctx, someone, uuid, medium)
    expect(await textOf(attach)).toBe(
      `Unable to attach virtual media for node ${uuid} due to power failure state`,
    )
    expect(await statusOf(detachVirtualMedia(ctx, someone, uuid))).toBe(503)
  })
})

describe('the RAID target', () => {
  it('is stored when it is valid and when it is empty', async () => {
    const { ctx } = bed
    const { id, uuid } = await bed.node()
    const config = { logical_disks: [{ raid_level: '1', size_gb: 'MAX' }] }
    await setTargetRaidConfig(ctx, someone, uuid, config)
    expect((await nodeOf(ctx, id)).targetRaidConfig).toEqual(config)
    expect(await textOf(setTargetRaidConfig(ctx, someone, uuid, { logical_disks: [] }))).toBe(
      'RAID config validation error: [] should be non-empty',
    )
    await setTargetRaidConfig(ctx, someone, uuid, {})
    expect((await nodeOf(ctx, id)).targetRaidConfig).toEqual({})
  })

  it('is refused by a driver without RAID', async () => {
    const { uuid } = await bed.node({ raidInterface: 'no-raid' })
    const set = setTargetRaidConfig(bed.ctx, someone, uuid, { logical_disks: [] })
    await expect(set).rejects.toBeInstanceOf(UnsupportedDriverExtension)
  })
})

describe('validate', () => {
  it('finds a fake node good in upstream’s order, lock or no lock', async () => {
    const { uuid } = await bed.node({ reservation: 'elsewhere' })
    const found = await validateInterfaces(bed.ctx, someone, uuid)
    expect(Object.keys(found)).toEqual([
      'boot',
      'deploy',
      'management',
      'network',
      'power',
      'bios',
      'console',
      'firmware',
      'inspect',
      'raid',
      'rescue',
      'storage',
    ])
    expect(new Set(Object.values(found).map((v) => v.result))).toEqual(new Set([true]))
  })

  it('gives the reasons recorded for manual-management', async () => {
    const { uuid } = await bed.node({ driver: 'manual-management' })
    const found = await validateInterfaces(bed.ctx, someone, uuid)
    const port = `Node ${uuid} does not have any port associated with it`
    const refused = (kind: string) => ({
      result: false,
      reason: unsupported(kind, 'manual-management'),
    })
    expect(found).toEqual({
      bios: refused('bios'),
      boot: { result: false, reason: port },
      console: refused('console'),
      deploy: { result: false, reason: port },
      firmware: refused('firmware'),
      inspect: refused('inspect'),
      management: { result: true },
      network: { result: true },
      power: {
        result: false,
        reason: 'Fast track mode must be enabled to use the agent power interface',
      },
      raid: refused('raid'),
      rescue: refused('rescue'),
      storage: { result: true },
    })
  })

  it('compares the traits of the instance with the node’s', async () => {
    const { ctx } = bed
    const { id, uuid } = await bed.node({
      instanceInfo: { traits: ['CUSTOM_A', 'CUSTOM_MISSING'] },
    })
    await ctx.db.orm.insert(nodeTraits).values({ nodeId: id, trait: 'CUSTOM_A' })
    expect((await validateInterfaces(ctx, someone, uuid)).deploy).toEqual({
      result: false,
      reason: `Cannot specify instance traits that are not also set on the node. Node ${uuid} is missing traits CUSTOM_MISSING`,
    })
    await ctx.db.orm
      .update(nodes)
      .set({ instanceInfo: { traits: 'x' } })
      .where(eq(nodes.id, id))
    expect((await validateInterfaces(ctx, someone, uuid)).deploy?.reason).toBe(
      `Error parsing traits from Node ${uuid} instance_info field. A list of strings is expected.`,
    )
  })
})
