import { isIPv6 } from 'node:net'
import { basename } from 'node:path'
import type { Config } from '../config/index.js'
import { bootFileFor } from './loaders.js'
import type { BootLoader } from './plan.js'

/** A DHCP option as DHCP servers other than ours are told it. */
export interface ProviderOption {
  /** Number, with dnsmasq's `tag:` in front where it depends on the client. */
  readonly name: string
  readonly value: string
}

export interface OptionsFor {
  readonly name: BootLoader
  readonly ipxe: boolean
  readonly http: boolean
  readonly cpu: string
  readonly firmware: 'bios' | 'uefi'
}

/** The options of a machine for DHCPv4 (`pxe_utils.dhcp_options_for_instance`). */
export function bootOptions(config: Config, wanted: OptionsFor): ProviderOption[] {
  const file = fileOf(config, wanted)
  const server = tftpServer(config)
  const byUser = wanted.ipxe ? tagged(config, 'ipxe', '67', file) : [{ name: '67', value: file }]
  return [
    ...byUser,
    ...(wanted.http ? [{ name: '60', value: 'HTTPClient' }] : []),
    ...(wanted.http ? [] : ['66', '150', '255'].map((name) => ({ name, value: server }))),
  ]
}

/** The same for DHCPv6, where a boot file always is a URL. */
export function bootOptions6(config: Config, wanted: OptionsFor): ProviderOption[] {
  const named = fileOf(config, wanted)
  const server = config.DEFAULT.my_ipv6 ?? tftpServer(config)
  const host = isIPv6(server) ? `[${server}]` : server
  const url = wanted.http ? named : `tftp://${host}/${named}`
  return wanted.ipxe ? tagged(config, 'ipxe6', '59', url) : [{ name: '59', value: url }]
}

/** Firmware gets iPXE, and iPXE the script. */
function tagged(config: Config, tag: string, option: string, file: string): ProviderOption[] {
  const { deploy, pxe } = config
  const script = `${deploy.http_url ?? ''}/${basename(pxe.ipxe_boot_script ?? 'boot.ipxe')}`
  return [
    { name: `tag:!${tag},${option}`, value: file },
    { name: `tag:${tag},${option}`, value: script },
  ]
}

const tftpServer = ({ pxe, DEFAULT }: Config): string =>
  pxe.tftp_server ?? DEFAULT.my_ip ?? '127.0.0.1'

function fileOf(config: Config, wanted: OptionsFor): string {
  const loader = wanted.name
  const plan = { mode: 'ramdisk', loader, entry: 'deploy', images: {}, parameters: '' } as const
  const file = bootFileFor(config, plan, wanted)
  return wanted.http ? `${config.deploy.http_url ?? ''}/${file}` : file
}
