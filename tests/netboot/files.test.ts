import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { resolveBootFile } from '../../src/netboot/boot-files.js'
import type { BootFile } from '../../src/netboot/boot-files.js'
import { netbootBed, ramdiskPlan } from './_bed.js'

const bed = netbootBed()
const site = { httpUrl: 'http://192.0.2.1:8080', tftpServer: '192.0.2.1' }
const signal = new AbortController().signal
const uuids: Record<string, string> = {}
/** Forms in which a client may write the UUID of a node that it creates. */
const oddUuids = [
  '{6b8f4b0a-0c3d-4f3e-9a52-3c1d2e4f5a6b}',
  'urn:uuid:7b8f4b0a-0c3d-4f3e-9a52-3c1d2e4f5a6b',
  '8B8F4B0A-0C3D-4F3E-9A52-3C1D2E4F5A6B',
  '9b8f4b0a0c3d4f3e9a523c1d2e4f5a6b',
]

beforeAll(async () => {
  uuids['ipxe'] = await bed.machine('52:54:00:00:00:01', ramdiskPlan(bed.dir))
  uuids['pxe'] = await bed.machine('52:54:00:00:00:02', ramdiskPlan(bed.dir, 'pxe'))
  uuids['local'] = await bed.machine('52:54:00:00:00:03', {
    ...ramdiskPlan(bed.dir),
    mode: 'local',
  })
  uuids['none'] = await bed.machine('52:54:00:00:00:04', null)
  uuids['shut'] = await bed.machine('52:54:00:00:00:05', ramdiskPlan(bed.dir), {
    pxeEnabled: false,
  })
  uuids['classic'] = await bed.machine(
    '52:54:00:00:00:06',
    { ...ramdiskPlan(bed.dir, 'pxe'), classic: true, parameters: 'deployment_key=$deploy_key' },
    { node: { instanceInfo: { deploy_key: 'SECRET' } } },
  )
  for (const [n, uuid] of oddUuids.entries())
    await bed.machine(`52:54:00:00:01:0${n}`, ramdiskPlan(bed.dir, 'pxe'), { node: { uuid } })
  await writeFile(join(bed.dir, 'http', 'static'), 'a file')
  await writeFile(join(bed.dir, 'secret'), 'secret')
  await symlink(join(bed.dir, 'secret'), join(bed.dir, 'http', 'link'))
  await mkdir(join(bed.dir, 'outside'))
  await writeFile(join(bed.dir, 'outside', 'file'), 'secret')
  await symlink(join(bed.dir, 'outside'), join(bed.dir, 'tftp', 'directory'))
})

async function textOf(path: string): Promise<string | null> {
  const file = await resolveBootFile(bed.ctx, { path, site, signal })
  return file === null ? null : readAll(file)
}

async function readAll({ content }: BootFile): Promise<string> {
  if (Buffer.isBuffer(content)) return content.toString()
  try {
    return await content.file.readFile('latin1')
  } finally {
    await content.release()
  }
}

const of = (name: string, label: string): string => `${uuids[name]}/${label}`

describe('a path', () => {
  it('of a MAC gives the script of its machine', async () => {
    const script = await textOf('pxelinux.cfg/52-54-00-00-00-01')
    expect(script).toMatch(/^#!ipxe\n/)
    expect(script).toContain(
      `kernel ${site.httpUrl}/${uuids['ipxe']}/deploy_kernel selinux=0 troubleshoot=0 text quiet ipa-api-url=http://192.0.2.1:6385 BOOTIF=\${mac} initrd=deploy_ramdisk || goto retry`,
    )
    expect(script?.trimEnd().split('\n').at(-1)).toBe('exit 1')
  })

  it.each([
    'pxelinux.cfg/01-52-54-00-00-00-02',
    '/pxelinux.cfg/01-52-54-00-00-00-02',
    '\\pxelinux.cfg\\01-52-54-00-00-00-02',
    'boot/pxelinux.cfg/01-52-54-00-00-00-02',
  ])('%s is a configuration of PXELINUX', async (path) => {
    const config = await textOf(path)
    expect(config).toContain(`kernel ${uuids['pxe']}/deploy_kernel`)
    expect(config).toContain(`append initrd=${uuids['pxe']}/deploy_ramdisk selinux=0`)
    expect(config).toContain('ipappend 2')
  })

  it.each([
    'grub.cfg-01-52-54-00-00-00-02',
    'grub.cfg-01-52:54:00:00:00:02',
    '52:54:00:00:00:02.conf',
  ])('%s is a configuration of GRUB', async (path) => {
    expect(await textOf(path)).toContain(`linux /${uuids['pxe']}/deploy_kernel selinux=0`)
  })

  it('of a script holds the key of the 2015 ramdisk for its machine only', async () => {
    expect(await textOf('pxelinux.cfg/01-52-54-00-00-00-06')).toContain('deployment_key=SECRET')
    expect(await textOf('pxelinux.cfg/01-52-54-00-00-00-06')).toContain('ipappend 3')
    expect(await textOf(`token-${uuids['classic']}`)).toBe('')
  })

  it('of a machine that boots its disk makes it boot the disk', async () => {
    expect(await textOf('pxelinux.cfg/52-54-00-00-00-03')).toContain('sanboot --no-describe')
    expect(await textOf('grub.cfg-01-52-54-00-00-00-03')).toContain('exit 1')
  })

  it.each([
    ['07', '0x01524546', 'append mbr:0x01524546'],
    [
      '08',
      '410f9513-457d-4d3b-b216-8f3749a3e752',
      'append guid:410f9513-457d-4d3b-b216-8f3749a3e752',
    ],
    ['09', '', 'localboot 0'],
  ])('of a machine with a written disk finds that disk (%s)', async (last, disk, line) => {
    const plan = { ...ramdiskPlan(bed.dir, 'pxe'), mode: 'instance' as const, images: {} }
    await bed.machine(`52:54:00:00:00:${last}`, { ...plan, entry: 'boot_whole_disk', disk })
    const config = await textOf(`pxelinux.cfg/01-52-54-00-00-00-${last}`)
    expect(config).toContain(`  ${line}\n`)
  })

  it('of an image gives the image', async () => {
    expect(await textOf(of('ipxe', 'deploy_kernel'))).toBe('the kernel')
    expect(await textOf(`${bed.dir}/tftp/${of('pxe', 'deploy_ramdisk')}`)).toBe('the ramdisk')
  })

  it.each([
    ['boot.ipxe', /chain --replace pxelinux.cfg\/\$\{net\$\{idx\}\/mac:hexhyp\}/],
    ['grub/grub.cfg', /source \/grub\.cfg-01-\$net_default_mac/],
    ['autoexec.ipxe', /^$/],
    ['static', /^a file$/],
  ])('%s is the same for all machines', async (path, expected) => {
    expect(await textOf(path)).toMatch(expected)
  })

  it.each([
    ['no file', 'pxelinux.cfg/default'],
    ['an unknown MAC', 'pxelinux.cfg/52-54-00-ff-ff-ff'],
    ['a machine without a plan', 'pxelinux.cfg/52-54-00-00-00-04'],
    ['a port that does not boot', 'pxelinux.cfg/52-54-00-00-00-05'],
    ['an unknown node', '00000000-0000-4000-8000-000000000000/deploy_kernel'],
    ['a directory', 'http'],
    ['nothing', '/'],
    ['a parent', '../secret'],
    ['a parent inside', 'x/../../secret'],
    ['a parent in backslashes', '..\\secret'],
    ['an absolute path', '/etc/passwd'],
    ['a NUL', 'static\0'],
    ['a link to a file', 'link'],
    ['a link to a directory', 'directory/file'],
  ])('of %s does not resolve', async (_what, path) => {
    expect(await textOf(path)).toBeNull()
  })

  it.each(['kernel', 'constructor', '__proto__', 'config/x'])(
    'of a label the plan has not (%s) gives nothing',
    async (label) => {
      expect(await textOf(of('ipxe', label))).toBeNull()
      expect(await textOf(of('none', 'deploy_kernel'))).toBeNull()
    },
  )
})

describe('a UUID in another form', () => {
  it.each(oddUuids.map((uuid, n) => [uuid, n] as const))(
    '(%s) gives names that every loader can request, and that resolve',
    async (_uuid, n) => {
      const script = await textOf(`pxelinux.cfg/01-52-54-00-00-01-0${n}`)
      const kernel = /kernel (\S+)/.exec(script ?? '')?.[1] ?? ''
      expect(kernel).toMatch(/^[0-9A-Za-z_-]+\/deploy_kernel$/)
      expect(await textOf(kernel)).toBe(await textOf(of('pxe', 'deploy_kernel')))
      expect(await textOf(kernel)).not.toBeNull()
    },
  )
})
