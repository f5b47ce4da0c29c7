import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { PortRow, NodeRow } from '../../../src/db/rows.js'
import type { ConfigOverrides } from '../../../src/config/index.js'
import type { ManagementInterface } from '../../../src/drivers/interfaces.js'
import { isKernelCommandLine } from '../../../src/drivers/boot/network/kernel-parameters.js'
import { testTask } from '../_util/task.js'

let dir = ''
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ferric-boot-'))
  for (const name of ['kernel', 'ramdisk']) await writeFile(join(dir, name), name)
})
afterAll(() => rm(dir, { recursive: true }))

const address = '52:54:00:00:00:01'
const ports = [{ address, pxeEnabled: true } as PortRow]

/** What was asked of the machine, which takes any boot device; reset by each `make`. */
let said: unknown[] = []
const note = async (what: unknown) => void (await Promise.resolve(said.push(what)))

async function make(node: Partial<NodeRow> = {}, config: ConfigOverrides = {}) {
  const images = { deploy_kernel: `file://${dir}/kernel`, deploy_ramdisk: `file://${dir}/ramdisk` }
  said = []
  const task = await testTask({
    node: {
      bootInterface: 'ipxe',
      managementInterface: 'fake',
      deployInterface: 'direct',
      provisionState: 'deploying',
      driverInfo: images,
      ...node,
    },
    ports,
    config: {
      ...config,
      DEFAULT: {
        enabled_boot_interfaces: ['ipxe', 'pxe', 'http'],
        enabled_deploy_interfaces: ['direct', 'ramdisk'],
      },
      conductor: { file_url_allowed_paths: [dir] },
      pxe: { instance_master_path: join(dir, 'cache'), ...config.pxe },
    },
  })
  const management: ManagementInterface = {
    ...task.driver.management,
    setBootDevice: (_task, device, persistent) => note([device, persistent]),
    getBootMode: () => Promise.resolve('uefi'),
    setBootMode: (_task, mode) => note(mode),
  }
  const driver = { ...task.driver, management }
  return Object.defineProperty(task, 'driver', { value: driver })
}

const planOf = (task: Awaited<ReturnType<typeof make>>) =>
  task.node.driverInternalInfo?.['ferric_boot']

describe('preparing the ramdisk', () => {
  it('writes what is to be served', async () => {
    const task = await make()
    await task.driver.boot.prepareRamdisk(task, { 'ipa-api-url': 'http://a:6385', flag: null })
    expect(planOf(task)).toEqual({
      mode: 'ramdisk',
      loader: 'ipxe',
      entry: 'deploy',
      images: { deploy_kernel: `file://${dir}/kernel`, deploy_ramdisk: `file://${dir}/ramdisk` },
      parameters: 'nofb vga=normal ipa-api-url=http://a:6385 flag',
    })
    await task.driver.boot.cleanUpRamdisk(task)
    expect(planOf(task)).toBeUndefined()
  })

  it.each([
    ['configuration', {}, 'nofb vga=normal'],
    ['driver_info', { driverInfo: { kernel_append_params: 'a %default%' } }, 'a nofb vga=normal'],
    ['instance_info', { instanceInfo: { kernel_append_params: 'mine=1' } }, 'mine=1'],
  ])('takes kernel parameters of the %s', async (_where, node, expected) => {
    const task = await make()
    const driverInfo = { ...task.node.driverInfo, ...('driverInfo' in node ? node.driverInfo : {}) }
    Object.assign(task.node, node, { driverInfo })
    await task.driver.boot.prepareRamdisk(task, {})
    expect(planOf(task)).toMatchObject({ parameters: expected })
  })

  it('refuses parameters that would be more than parameters', async () => {
    const task = await make({ instanceInfo: { kernel_append_params: 'a=b\nchain http://evil' } })
    await expect(task.driver.boot.prepareRamdisk(task, {})).rejects.toThrow(
      "node's instance_info['kernel_append_params'] contains malformed kernel command line",
    )
    const other = await make()
    await expect(other.driver.boot.prepareRamdisk(other, { 'a b': 'c"d' })).rejects.toThrow(
      'build_extra_pxe_options: ramdisk_params likely contain a malformed kernel parameter.',
    )
  })

  it('keeps the key of the 2015 ramdisk out of what the API shows', async () => {
    const task = await make({ instanceInfo: { deploy_key: 'SECRET' } })
    await task.driver.boot.prepareRamdisk(task, { deployment_id: 'U', deployment_key: 'SECRET' })
    expect(planOf(task)).toMatchObject({ classic: true })
    expect(JSON.stringify(planOf(task))).not.toContain('SECRET')
  })

  it('fails on an image that cannot be had', async () => {
    const task = await make({
      driverInfo: { deploy_kernel: `file://${dir}/no`, deploy_ramdisk: 'x' },
    })
    await expect(task.driver.boot.prepareRamdisk(task, {})).rejects.toThrow(/no/)
  })

  it('sets boot mode and boot device', async () => {
    const task = await make({ properties: { capabilities: 'boot_mode:bios' } })
    await task.driver.boot.prepareRamdisk(task, {})
    await task.driver.boot.prepareInstance(task)
    expect(said).toEqual(['bios', ['pxe', false], 'bios', ['disk', true]])
  })
})

describe('preparing the instance', () => {
  it('leaves a machine to its disk', async () => {
    const task = await make()
    await task.driver.boot.prepareRamdisk(task, {})
    await task.driver.boot.prepareInstance(task)
    expect(planOf(task)).toBeUndefined()
  })

  it('can send machines that boot from the network to their disk', async () => {
    const task = await make({}, { pxe: { enable_netboot_fallback: true } })
    await task.driver.boot.prepareInstance(task)
    expect(planOf(task)).toMatchObject({ entry: 'boot_whole_disk', mode: 'instance' })
  })

  it.each([
    [{ kernel: 'kernel', ramdisk: 'ramdisk', ramdisk_kernel_arguments: 'x=1' }, 'boot_ramdisk'],
    [{ boot_iso: 'kernel' }, 'boot_iso'],
  ])('boots %o of a ramdisk deployment', async (info, entry) => {
    const hrefs = Object.entries(info).map(([key, value]) => [
      key,
      key.endsWith('arguments') ? value : `file://${dir}/${value}`,
    ])
    const instanceInfo = Object.fromEntries(hrefs) as Record<string, string>
    const task = await make({ deployInterface: 'ramdisk', instanceInfo })
    await task.driver.boot.prepareInstance(task)
    expect(planOf(task)).toMatchObject({ entry, mode: 'instance' })
  })
})

it('writes files for dnsmasq', async () => {
  const hosts = join(dir, 'hosts')
  const options = join(dir, 'opts')
  const task = await make(
    {},
    {
      dhcp: { dhcp_provider: 'dnsmasq' },
      dnsmasq: { dhcp_hostsdir: hosts, dhcp_optsdir: options },
      deploy: { http_url: 'http://192.0.2.1:8080' },
      pxe: { tftp_server: '192.0.2.1' },
    },
  )
  await task.driver.boot.prepareRamdisk(task, {})
  const tag = task.node.driverInternalInfo?.['dnsmasq_tag'] as string
  const host = join(hosts, `ironic-${address}.conf`)
  expect(await readFile(host, 'utf8')).toBe(`${address},set:${tag},set:ironic\n`)
  expect(await readFile(join(options, `ironic-${task.node.uuid}.conf`), 'utf8')).toBe(
    [
      'tag:!ipxe,67,snponly.efi',
      'tag:ipxe,67,http://192.0.2.1:8080/boot.ipxe',
      '66,192.0.2.1',
      '150,192.0.2.1',
      '255,192.0.2.1',
    ]
      .map((line) => `tag:${tag},${line}\n`)
      .join(''),
  )
  await task.driver.boot.cleanUpRamdisk(task)
  expect(await readFile(host, 'utf8')).toBe(`${address},ignore\n`)
})

it.each([
  ['', true],
  ['nofb vga=normal console=ttyS0,115200', true],
  ['a="b c" d', true],
  ['a=b -- init args', true],
  ['a=b -- || chain http://evil', false],
  ['a=b -- init && shell', false],
  ['a=b\nc', false],
  ['a="b', false],
  ['a||b', false],
  ['a=b "c"', false],
  ['é=1', false],
])('%j is a kernel command line: %s', (text, expected) => {
  expect(isKernelCommandLine(text)).toBe(expected)
})
