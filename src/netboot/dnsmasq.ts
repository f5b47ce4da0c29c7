import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Config } from '../config/index.js'
import type { ProviderOption } from './provider-options.js'

/** Files for a dnsmasq with `dhcp-hostsdir` and `dhcp-optsdir` (`dhcp/dnsmasq.py`). */

interface Host {
  readonly node: string
  readonly macs: readonly string[]
}

/** Makes dnsmasq answer the machine with these options. */
export async function dnsmasqTell(
  { dnsmasq }: Config,
  { node, macs, tag, options }: Host & { tag: string; options: readonly ProviderOption[] },
): Promise<void> {
  const lines = options.map(({ name, value }) => `tag:${tag},${name},${value}\n`)
  await write(join(dnsmasq.dhcp_optsdir, `ironic-${node}.conf`), lines.join(''))
  for (const mac of macs) {
    await write(hostFile(dnsmasq.dhcp_hostsdir, mac), `${mac},set:${tag},set:ironic\n`)
  }
}

/** Makes dnsmasq ignore the machine. */
export async function dnsmasqForget({ dnsmasq }: Config, { node, macs }: Host): Promise<void> {
  for (const mac of macs) await write(hostFile(dnsmasq.dhcp_hostsdir, mac), `${mac},ignore\n`)
  await rm(join(dnsmasq.dhcp_optsdir, `ironic-${node}.conf`), { force: true })
}

const hostFile = (directory: string, mac: string): string => join(directory, `ironic-${mac}.conf`)

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, text)
}
