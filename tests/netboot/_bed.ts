import { randomUUID } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import type { ConfigOverrides } from '../../src/config/index.js'
import { nodes, ports } from '../../src/db/schema/index.js'
import type { NodeInsert } from '../../src/db/rows.js'
import type { BootPlan } from '../../src/netboot/plan.js'
import { testDatabase } from '../_util/database.js'
import { testBed } from '../conductor/_harness.js'
import type { Bed } from '../conductor/_harness.js'

export interface NetbootBed {
  readonly ctx: Bed
  readonly dir: string
  /** Enrolls a machine. Resolves to the UUID of its node. */
  machine(mac: string, plan: BootPlan | null, more?: MachineMore): Promise<string>
}

export interface MachineMore {
  readonly node?: Partial<NodeInsert>
  readonly pxeEnabled?: boolean
}

/** A database with machines, and its own root directories, shared by the tests of a file. */
export function netbootBed(config: ConfigOverrides = {}): NetbootBed {
  let bed: { ctx: Bed; dir: string; close(): Promise<void> } | undefined
  beforeAll(async () => {
    const dir = await mkdtemp(join(tmpdir(), 'ferric-netboot-'))
    const db = await testDatabase()
    for (const name of ['http', 'tftp', 'images']) await mkdir(join(dir, name))
    await writeFile(join(dir, 'images', 'kernel'), 'the kernel')
    await writeFile(join(dir, 'images', 'initrd'), 'the ramdisk')
    const base: ConfigOverrides = {
      deploy: { http_root: join(dir, 'http'), ...config.deploy },
      conductor: { file_url_allowed_paths: [dir] },
      pxe: {
        tftp_root: join(dir, 'tftp'),
        instance_master_path: join(dir, 'cache'),
        ...config.pxe,
      },
      ferric: config.ferric ?? {},
    }
    const close = async () => {
      await db.close()
      await rm(dir, { recursive: true })
    }
    bed = { ctx: await testBed(db, { config: base }), dir, close }
  })
  afterAll(() => bed?.close())
  const made = () => {
    if (bed === undefined) throw new Error('the bed is not open yet')
    return bed
  }
  return {
    get ctx() {
      return made().ctx
    },
    get dir() {
      return made().dir
    },
    async machine(mac, plan, more = {}) {
      const { orm } = made().ctx.db
      const uuid = randomUUID()
      const driverInternalInfo = plan === null ? {} : { ferric_boot: plan }
      const [row] = await orm
        .insert(nodes)
        .values({
          uuid,
          driver: 'fake-hardware',
          provisionState: 'clean wait',
          driverInternalInfo,
          ...more.node,
        })
        .returning()
      const pxeEnabled = more.pxeEnabled ?? true
      await orm
        .insert(ports)
        .values({ uuid: randomUUID(), nodeId: row!.id, address: mac, pxeEnabled })
      return uuid
    },
  }
}

/** A plan that boots the ramdisk whose files lie in `dir`. */
export const ramdiskPlan = (dir: string, loader: BootPlan['loader'] = 'ipxe'): BootPlan => ({
  mode: 'ramdisk',
  loader,
  entry: 'deploy',
  images: {
    deploy_kernel: `file://${dir}/images/kernel`,
    deploy_ramdisk: `file://${dir}/images/initrd`,
  },
  parameters: 'quiet ipa-api-url=http://192.0.2.1:6385',
})
