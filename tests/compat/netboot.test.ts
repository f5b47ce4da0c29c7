// Real DHCP and TFTP clients, and a machine of QEMU, against a Ferric in a network namespace.
import { randomBytes } from 'node:crypto'
import { readFile, writeFile, chmod } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from '../_util/peers/until.js'
import { biosMac, clientMac, Lab, server } from './netboot/lab.js'

const kernel = randomBytes(3_000_000)
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
  lab = await Lab.open(kernel)
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
  beforeAll(() => lab.at('client', 'ip', 'addr', 'add', '192.0.2.100/24', 'dev', 'v1'))

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

  it('gets through loss and repetition, twenty at a time', async () => {
    const qdisc = ['tc', 'qdisc', 'add', 'dev', 'v1', 'root', 'netem']
    await lab.at('client', ...qdisc, 'loss', '0.5%', 'duplicate', '1%', 'delay', '1ms')
    const url = `tftp://${server}/${path()}`
    const one = `curl -s --tftp-blksize 8192 ${url} | sha256sum`
    const all = Array.from({ length: 20 }, () => `(${one}) &`).join(' ')
    const sums = await lab.at('client', 'sh', '-c', `${all} wait`)
    await lab.at('client', 'tc', 'qdisc', 'del', 'dev', 'v1', 'root')
    const lines = sums.trim().split('\n')
    expect(lines).toHaveLength(20)
    expect(new Set(lines).size).toBe(1)
  }, 120_000)
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
