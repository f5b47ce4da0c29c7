import { isIPv6 } from 'node:net'
import { basename } from 'node:path'
import type { Config } from '../config/index.js'
import { bootFileFor } from './loaders.js'
import type { BootLoader } from './plan.js'

/** A DHCP option in the form that is handed to other DHCP servers. */
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
export function bootOptions(config: Config, client: OptionsFor): ProviderOption[] {
  const file = fileOf(config, client)
  const server = tftpServer(config)
  const byUser = client.ipxe ? tagged(config, 'ipxe', '67', file) : [{ name: '67', value: file }]
  return [
    ...byUser,
    ...(client.http ? [{ name: '60', value: 'HTTPClient' }] : []),
    ...(client.http ? [] : ['66', '150', '255'].map((name) => ({ name, value: server }))),
  ]
}

/** The options of a machine for DHCPv6, where a boot file is always a URL. */
export function bootOptions6(config: Config, client: OptionsFor): ProviderOption[] {
  const named = fileOf(config, client)
  const server = config.DEFAULT.my_ipv6 ?? tftpServer(config)
  const host = isIPv6(server) ? `[${server}]` : server
  const url = client.http ? named : `tftp://${host}/${named}`
  return client.ipxe ? tagged(config, 'ipxe6', '59', url) : [{ name: '59', value: url }]
}

/** Firmware gets iPXE, and iPXE gets the script. */
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

function fileOf(config: Config, client: OptionsFor): string {
  const loader = client.name
  const plan = { mode: 'ramdisk', loader, entry: 'deploy', images: {}, parameters: '' } as const
  const file = bootFileFor(config, plan, client)
  return client.http ? `${config.deploy.http_url ?? ''}/${file}` : file
}
