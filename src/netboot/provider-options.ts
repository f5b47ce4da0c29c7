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
  const { deploy, pxe, DEFAULT } = config
  const plan = {
    mode: 'ramdisk',
    loader: wanted.name,
    entry: 'deploy',
    images: {},
    parameters: '',
  } as const
  const file = bootFileFor(config, plan, wanted)
  const named = wanted.http ? `${deploy.http_url ?? ''}/${file}` : file
  const server = pxe.tftp_server ?? DEFAULT.my_ip ?? '127.0.0.1'
  const script = `${deploy.http_url ?? ''}/${basename(pxe.ipxe_boot_script ?? 'boot.ipxe')}`
  return [
    ...(wanted.ipxe
      ? [
          { name: 'tag:!ipxe,67', value: named },
          { name: 'tag:ipxe,67', value: script },
        ]
      : [{ name: '67', value: named }]),
    ...(wanted.http ? [{ name: '60', value: 'HTTPClient' }] : []),
    ...(wanted.http ? [] : ['66', '150', '255'].map((name) => ({ name, value: server }))),
  ]
}
