import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { encodeConfigDrive } from '../../../src/images/configdrive/encode.js'
import { isoBuffer } from '../../../src/images/iso9660/write.js'
import { resolveBootFile } from '../../../src/netboot/boot-files.js'
import { defaultTemplate } from '../../../src/netboot/kickstart/default-template.js'
import { tryTemplate } from '../../../src/netboot/kickstart/kickstart.js'
import type { BootPlan, KickstartPlan } from '../../../src/netboot/plan.js'
import { writeFiles } from '../../../src/netboot/written-files.js'
import { netbootBed } from '../_bed.js'

const bed = netbootBed()
const site = { httpUrl: 'http://192.0.2.1:8080', tftpServer: '192.0.2.1' }
const signal = AbortSignal.timeout(60_000)
const run = promisify(execFile)

const plan = (dir: string, more: Partial<KickstartPlan> = {}): BootPlan => ({
  mode: 'instance',
  loader: 'ipxe',
  entry: 'boot_anaconda',
  images: {
    kernel: `file://${dir}/images/kernel`,
    ramdisk: `file://${dir}/images/initrd`,
    ...(more.repository ? {} : { stage2: `file://${dir}/images/initrd` }),
  },
  parameters: 'quiet',
  kickstart: {
    template: null,
    repository: null,
    heartbeatUrl: 'http://192.0.2.1:6385/v1/heartbeat/the-node',
    insecureHeartbeat: false,
    ...more,
  },
})

let macs = 0
interface About {
  readonly kickstart?: Partial<KickstartPlan>
  readonly instanceInfo?: Record<string, unknown>
  readonly token?: string | null
}
async function machine({ kickstart, instanceInfo, token = 'the-token' }: About = {}) {
  const mac = `52:54:00:01:00:${(++macs).toString(16).padStart(2, '0')}`
  const boots = plan(bed.dir, kickstart)
  const node = {
    provisionState: 'wait call-back',
    instanceInfo: { image_url: 'http://images/root.tar.xz', ...instanceInfo },
    driverInternalInfo: {
      ferric_boot: boots,
      ...(token === null ? {} : { agent_secret_token: token }),
    },
  }
  return { mac, uuid: await bed.machine(mac, boots, { node }) }
}

async function textOf(path: string): Promise<string | null> {
  const file = await resolveBootFile(bed.ctx, { path, site, signal })
  if (file === null) return null
  if (Buffer.isBuffer(file.content)) return file.content.toString()
  try {
    return await file.content.file.readFile('utf8')
  } finally {
    await file.content.release()
  }
}
const kickstart = async (about: About = {}) => await textOf(`${(await machine(about)).uuid}/ks.cfg`)

describe('the machine that Anaconda installs', () => {
  it('gets the URLs of its kickstart file and of its second stage', async () => {
    const { uuid } = await machine()
    const script = await textOf(`${uuid}/config`)
    expect(script).toContain(`kernel ${site.httpUrl}/${uuid}/kernel text quiet `)
    expect(script).toContain(
      ` inst.ks=${site.httpUrl}/${uuid}/ks.cfg inst.stage2=${site.httpUrl}/${uuid} `,
    )
    // The path that the installer adds to the URL.
    expect(await textOf(`${uuid}/LiveOS/squashfs.img`)).toBe('the ramdisk')
  })

  it.each([
    ['pxe', 'append initrd=UUID/ramdisk text quiet inst.ks=SITE/ks.cfg inst.stage2=SITE'],
    ['http', 'linux /UUID/kernel text quiet inst.ks=SITE/ks.cfg inst.stage2=SITE boot_server='],
  ] as const)('gets them from %s', async (loader, line) => {
    const mac = `52:54:00:03:00:${loader.length}0`
    const uuid = await bed.machine(mac, { ...plan(bed.dir), loader })
    const expected = line.replaceAll('SITE', `${site.httpUrl}/UUID`).replaceAll('UUID', uuid)
    expect(await textOf(`${uuid}/config`)).toContain(expected)
  })

  it('gets the URL of a repository, which has its own second stage', async () => {
    const repository = 'http://mirror/os/'
    const { uuid } = await machine({ kickstart: { repository } })
    const script = await textOf(`${uuid}/config`)
    expect(script).toContain(` inst.ks=${site.httpUrl}/${uuid}/ks.cfg inst.repo=${repository} `)
    expect(await textOf(`${uuid}/LiveOS/squashfs.img`)).toBeNull()
  })

  it('gets a file with its own token and config drive', async () => {
    const text = await kickstart()
    expect(text).toContain('\nliveimg --url=http://images/root.tar.xz\n')
    expect(text).not.toContain('\nurl ')
    for (const status of ['start', 'end', 'error'])
      expect(text).toContain(`"agent_token": "the-token", "agent_status": "${status}"`)
    expect(text).not.toContain('--insecure')
  })

  it('installs packages from a repository', async () => {
    const about = {
      kickstart: { repository: 'http://mirror/os/', insecureHeartbeat: true },
      instanceInfo: { image_url: 'http://mirror/os/' },
    }
    const text = await kickstart(about)
    expect(text).toContain('\nurl --url=http://mirror/os/\n')
    expect(text).toContain('\n%packages --ignoremissing\n%end\n')
    expect(text).not.toContain('liveimg')
    expect(text?.split('curl --insecure ')).toHaveLength(4)
  })

  it.each([
    ['before it has a token', { token: null }],
    ['without an image', { instanceInfo: { image_url: null } }],
  ])('gets no file %s', async (_, about: About) => {
    expect(await kickstart(about)).toBeNull()
  })

  it('gets no file when its plan boots something else', async () => {
    const mac = '52:54:00:02:00:01'
    const { kickstart: _, ...rest } = plan(bed.dir)
    const uuid = await bed.machine(mac, { ...rest, entry: 'boot_ramdisk' })
    expect(await textOf(`${uuid}/ks.cfg`)).toBeNull()
  })

  it('gets the template of the instance, or the operator’s', async () => {
    const path = join(bed.dir, 'operator.cfg')
    await writeFile(path, 'from {{ ks_options.liveimg_url }}\n')
    expect(await kickstart({ kickstart: { template: `file://${path}` } })).toBe(
      'from http://images/root.tar.xz',
    )
    const { anaconda } = bed.ctx.config
    Object.assign(anaconda, { default_ks_template: path })
    try {
      expect(await kickstart()).toBe('from http://images/root.tar.xz')
      Object.assign(anaconda, { default_ks_template: join(bed.dir, 'absent.cfg') })
      await expect(kickstart()).rejects.toThrow('default_ks_template cannot be read')
    } finally {
      Object.assign(anaconda, { default_ks_template: null })
    }
  })

  it('is refused a template of a megabyte', async () => {
    const path = join(bed.dir, 'long.cfg')
    await writeFile(path, '#'.repeat(1024 * 1024 + 1))
    await expect(kickstart({ kickstart: { template: `file://${path}` } })).rejects.toThrow(
      'larger than 1048576 bytes',
    )
  })
})

const section = (text: string | null): string =>
  /%post --erroronfail\n([\s\S]*?)%end\n/.exec(text ?? '')?.[1] ?? ''

/** Runs the section as the installer does, with another root. */
async function seeded(text: string | null) {
  const root = await mkdtemp(join(tmpdir(), 'ferric-seed-'))
  try {
    const script = section(text).replaceAll("'/var/lib", `'${root}/var/lib`)
    await run('bash', ['-c', script], { timeout: 20_000 })
    const { stdout } = await run('find', [root, '-type', 'f', '-printf', '%m %P\n'])
    const lines = stdout.trim().split('\n').toSorted()
    const read = (path: string) => readFile(join(root, 'var/lib/cloud/seed/config_drive', path))
    return { lines, meta: await read('openstack/latest/meta_data.json'), read }
  } finally {
    await rm(root, { recursive: true, force: true })
  }
}

describe('the config drive', () => {
  it('is a script that writes its files for cloud-init', async () => {
    const configdrive = { meta_data: { name: 'x' }, user_data: '%end\n%include /etc/shadow\n' }
    const text = await kickstart({ instanceInfo: { configdrive } })
    expect(text?.match(/^%end$/gm)).toHaveLength(4)
    const { lines, meta } = await seeded(text)
    expect(lines).toEqual(
      ['2012-08-10', 'latest'].flatMap((version) =>
        ['meta_data.json', 'user_data'].map(
          (name) => `600 var/lib/cloud/seed/config_drive/openstack/${version}/${name}`,
        ),
      ),
    )
    expect(JSON.parse(meta.toString())).toMatchObject({ name: 'x' })
  })

  it('may be a disc with files and names of any kind', async () => {
    const files = [
      { path: 'openstack/latest/meta_data.json', content: Buffer.from('{}') },
      { path: "openstack/it's $(here)", content: Buffer.from([0, 255, 10]) },
      { path: 'openstack/empty', content: Buffer.alloc(0) },
    ]
    const disc = await encodeConfigDrive(isoBuffer({ label: 'config-2', publisher: 'X', files }))
    const { lines } = await seeded(await kickstart({ instanceInfo: { configdrive: disc } }))
    expect(lines.map((line) => line.split('/config_drive/')[1])).toEqual(
      files.map(({ path }) => path).toSorted(),
    )
  })

  it('must be a disc that can be read', async () => {
    const configdrive = await encodeConfigDrive(Buffer.alloc(4096))
    await expect(kickstart({ instanceInfo: { configdrive } })).rejects.toThrow(
      'no readable ISO 9660 disc',
    )
  })
})

describe('a template that is checked', () => {
  const { signal } = new AbortController()

  it.each([false, true])('passes as Ferric’s own (repository: %s)', async (repository) => {
    expect(await tryTemplate(defaultTemplate, repository, signal)).toContain('%pre\n')
  })

  it.each([
    [
      'misses a variable',
      '{{ ks_options.agent_token }}',
      'Following required kickstart option variables are missing from the kickstart template: liveimg_url,heartbeat_url.',
    ],
    [
      'uses an undefined variable',
      '{{ ks_options.nothing }}',
      'The kickstart template includes a variable that is not a valid kickstart option. Rendering the template returned  ks_options.nothing is undefined. The valid options are liveimg_url,agent_token,config_drive,heartbeat_url.',
    ],
    ['is invalid', '{% if %}', 'The kickstart template cannot be rendered: '],
  ])('is refused when it %s', async (_, text, expected) => {
    await expect(tryTemplate(text, false, signal)).rejects.toThrow(expected)
  })
})

it('is written for an operator who serves it by other means', async () => {
  const { mac, uuid } = await machine()
  await writeFiles(bed.ctx, uuid, [mac])
  const read = (name: string) => readFile(join(bed.dir, 'http', uuid, name), 'utf8')
  expect(await read('ks.cfg')).toBe(await textOf(`${uuid}/ks.cfg`))
  expect(await read('LiveOS/squashfs.img')).toBe('the ramdisk')
  expect(await read('kernel')).toBe('the kernel')
})
