// Real DHCP and TFTP clients, and a machine of QEMU, against a Ferric in a network namespace.
import { randomBytes as noise } from 'node:crypto'
import { chmod, mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { installedPeer } from '../_util/peers/installed.js'
import { until } from '../_util/peers/until.js'
import { captured } from '../protocols/dhcp/_captured.js'
import { randomBytes } from '../protocols/_random.js'
import { biosMac, clientMac, Lab, server } from './netboot/lab.js'

const kernel = noise(3_000_000)
const ramdisk = noise(30_000_000)
let lab: Lab
const uuids: Record<string, string> = {}

/** A machine that waits for its ramdisk: it is being cleaned. */
async function machine(name: string, address: string): Promise<void> {
  const driver_info = {
    deploy_kernel: `file://${lab.file('kernel')}`,
    deploy_ramdisk: `file://${lab.file('ramdisk')}`,
  }
  const properties = { cpu_arch: 'x86_64', capabilities: 'boot_mode:bios' }
  const body = { name, driver: 'fake-hardware', driver_info, properties }
  const made = await lab.api<{ uuid: string }>('POST', '/v1/nodes', body)
  uuids[name] = made.uuid
  await lab.api('POST', '/v1/ports', { node_uuid: made.uuid, address })
  for (const [target, state] of [
    ['manage', 'manageable'],
    ['provide', 'clean wait'],
  ] as const) {
    await lab.api('PUT', `/v1/nodes/${name}/states/provision`, { target })
    await until(
      async () => {
        const node = await lab.api<{ provision_state: string }>('GET', `/v1/nodes/${name}`)
        return node.provision_state === state || undefined
      },
      { what: `${name} in ${state}`, timeoutMs: 60_000, everyMs: 300 },
    )
  }
}

beforeAll(async () => {
  lab = await Lab.open({ kernel, ramdisk })
  await machine('client', clientMac)
  await machine('rom', biosMac)
  const hook = join(lab.dir, 'hook')
  await writeFile(hook, '#!/bin/sh\nenv | sort\nexit 0\n')
  await chmod(hook, 0o755)
}, 240_000)
afterAll(() => lab?.[Symbol.asyncDispose](), 60_000)

describe('DHCP', () => {
  it('gives udhcpc an address, and a boot file when it says that it boots', async () => {
    const ask = ['udhcpc', '-i', 'v1', '-n', '-q', '-f', '-s', join(lab.dir, 'hook')]
    const plain = await lab.at('client', ...ask)
    expect(plain).toMatch(/lease of 192\.0\.2\.1\d\d obtained from 192\.0\.2\.1/)
    expect(plain).not.toContain('boot_file=')
    const boots = await lab.at('client', ...ask, '-V', 'PXEClient:Arch:00000:UNDI:002001')
    expect(boots).toContain('boot_file=undionly.kpxe')
    expect(boots).toContain(`siaddr=${server}`)
  }, 60_000)

  it.each([
    ['-4', 'new_ip_address=192.0.2.1'],
    ['-6', 'new_ip6_address=2001:db8::1'],
  ])(
    'gives dhclient %s an address',
    async (family, expected) => {
      const files = ['-lf', join(lab.dir, `l${family}`), '-pf', join(lab.dir, `p${family}`)]
      const words = ['timeout', '10', 'dhclient', family, '-1', '-d', '-sf', join(lab.dir, 'hook')]
      const said = await lab.at('client', ...words, ...files, 'v1')
      expect(said).toContain(expected)
    },
    60_000,
  )
})

describe('TFTP', () => {
  const fetched = () => readFile(join(lab.dir, 'out'))
  const path = () => `${uuids['client']}/deploy_kernel`
  beforeAll(() => lab.must('client', 'ip', 'addr', 'replace', '192.0.2.100/24', 'dev', 'v1'))

  it.each([512, 1428, 8192])(
    'serves curl with blocks of %i bytes',
    async (size) => {
      const out = join(lab.dir, 'out')
      const url = `tftp://${server}/${path()}`
      await lab.at('client', 'curl', '-s', '--tftp-blksize', String(size), '-o', out, url)
      expect((await fetched()).equals(kernel)).toBe(true)
    },
    60_000,
  )

  it('serves tftp-hpa', async () => {
    await lab.at(
      'client',
      'tftp',
      '-m',
      'binary',
      server,
      '-c',
      'get',
      path(),
      join(lab.dir, 'out'),
    )
    expect((await fetched()).equals(kernel)).toBe(true)
  }, 60_000)

  it('serves atftp with windows', async () => {
    const words = ['--option', 'blksize 1468', '--option', 'windowsize 8']
    const names = ['-g', '-r', path(), '-l', join(lab.dir, 'out')]
    await lab.must('client', 'atftp', ...words, ...names, server)
    expect((await fetched()).equals(kernel)).toBe(true)
  }, 60_000)

  it('serves the tftp of npm', async () => {
    const { dir } = await installedPeer<{ dir: string }>('npm-tftp')
    const code = `require(process.argv[1]).createClient({ host: '${server}', port: 69 })
      .get(process.argv[2], process.argv[3], (error) => { if (error) throw error })`
    const module = join(dir, 'node_modules', 'tftp')
    await lab.must('client', process.execPath, '-e', code, module, path(), join(lab.dir, 'out'))
    expect((await fetched()).equals(kernel)).toBe(true)
  }, 60_000)

  it('gives nothing outside its directories', async () => {
    await mkdir(join(lab.dir, 'tftp'))
    await symlink(lab.file('kernel'), join(lab.dir, 'tftp', 'link'))
    for (const name of ['../files/kernel', `${lab.dir}/files/kernel`, '/etc/passwd', 'link']) {
      const url = `tftp://${server}/${name}`
      const said = await lab.at('client', 'curl', '-sS', '--path-as-is', url)
      // CURLE_TFTP_NOTFOUND.
      expect(said).toContain('curl: (68)')
    }
  })

  it('serves 200 machines 30 MB each, through loss and repetition', async () => {
    const counts = await lab.harm(5, 50)
    const url = `tftp://${server}/${uuids['client']}/deploy_ramdisk`
    const one = `curl -s --tftp-blksize 8192 ${url} | cmp - ${lab.file('ramdisk')} && echo whole`
    const all = Array.from({ length: 200 }, () => `(${one}) &`).join('\n')
    const said = await lab.must('client', 'sh', '-c', `${all}\nwait`)
    expect(said.match(/^whole$/gm)).toHaveLength(200)
    const { lost, repeated } = await counts()
    expect(lost).toBeGreaterThan(200)
    expect(repeated).toBeGreaterThan(1000)
  }, 600_000)
})

it('boots SeaBIOS and iPXE up to the kernel', async () => {
  const net = 'tap,id=n0,ifname=tap0,script=no,downscript=no'
  const qemu = lab.spawnAtServer([
    ...['timeout', '150', 'qemu-system-x86_64', '-accel', 'tcg', '-m', '256', '-display', 'none'],
    ...['-netdev', net, '-device', `e1000,netdev=n0,mac=${biosMac}`, '-boot', 'n', '-no-reboot'],
  ])
  try {
    const seen = await until(
      async () => {
        const { timeline } = await lab.api<{ timeline: { summary: string }[] }>(
          'GET',
          `/ferric/v1/nodes/${uuids['rom']}/timeline?limit=200`,
        )
        const said = timeline.map(({ summary }) => summary)
        return said.some((one) => one.includes('deploy_kernel')) ? said : undefined
      },
      { what: 'the kernel was asked for', timeoutMs: 140_000, everyMs: 1000 },
    )
    expect(seen.join('\n')).toMatch(
      /DHCP discover: 192\.0\.2\.\d+, http:\/\/192\.0\.2\.1:8080\/boot\.ipxe/,
    )
  } finally {
    qemu.kill('SIGTERM')
  }
}, 160_000)

// Last: these name the machines above, whose timelines they fill.
describe('100,000 malformed packets', () => {
  const tftpRequest = Buffer.from(
    '\0\x01pxelinux.0\0octet\0blksize\x001468\0tsize\x000\0',
    'latin1',
  )
  const near = {
    v4: captured('v4').map(({ bytes }) => bytes),
    v6: captured('v6').map(({ bytes }) => bytes),
    tftp: [tftpRequest],
  }

  it.each([
    ['DHCP', server, 67, near.v4],
    ['ProxyDHCP', server, 4011, near.v4],
    ['DHCPv6', '2001:db8::1', 547, near.v6],
    ['TFTP', server, 69, near.tftp],
  ])(
    'to the port of %s harm nobody',
    async (name, address, port, seeds) => {
      const file = join(lab.dir, name)
      const packets: Buffer[] = []
      for (const bytes of randomBytes({ seed: port, count: 100_000, most: 600, near: seeds })) {
        packets.push(Buffer.from([bytes.length >> 8, bytes.length & 255]), bytes)
      }
      await writeFile(file, Buffer.concat(packets))
      const flood = join(import.meta.dirname, 'netboot', 'flood.mjs')
      await lab.must('client', 'ip', 'addr', 'replace', '192.0.2.100/24', 'dev', 'v1')
      await lab.must('client', 'ip', 'addr', 'replace', '2001:db8::2/64', 'dev', 'v1', 'nodad')
      const said = await lab.must('client', process.execPath, flood, address, String(port), file)
      expect(JSON.parse(said)).toMatchObject({ sent: 100_000 })
      expect(await lab.log()).not.toMatch(/"level":(50|60)/)
    },
    120_000,
  )
})
