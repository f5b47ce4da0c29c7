import type { Config } from '../config/index.js'
import type { JsonObject } from '../db/columns.js'
import type { Architecture } from '../protocols/dhcp/architectures.js'
import {
  addressOption,
  encodeNested,
  option,
  terminatedTextOption,
  textOption,
} from '../protocols/dhcp/v4/options.js'
import type { Dhcpv4Packet } from '../protocols/dhcp/v4/packet.js'
import { architectureFor, isHttpClient, isIpxe } from '../protocols/dhcp/v4/questions.js'
import { bootFileFor } from './loaders.js'
import { loadsByIpxe } from './plan.js'
import type { BootPlan } from './plan.js'
import { siteAt, urlHost } from './site.js'

/** The part of a DHCP answer that is about booting. */
export interface BootFor {
  /** A name for TFTP, or a URL. */
  readonly file: string
  readonly nextServer: string
  readonly options: ReadonlyMap<number, Buffer>
  /** Only where another server gives the address. */
  readonly proxyOptions: ReadonlyMap<number, Buffer>
}

/** The properties of a client that its boot file depends on. */
export interface BootClient {
  readonly architecture: Architecture | null
  readonly ipxe: boolean
  readonly http: boolean
}

/** `PXE_DISCOVERY_CONTROL`, bit 3: boot the offered file without a boot server (PXE 2.1, 2.4.3). */
const bootOfferedFile = new Map([[6, Buffer.from([8])]])
/** Sub-option of iPXE's option 175 that ends its wait for a ProxyDHCP server. */
const noProxy = new Map([[176, Buffer.from([1])]])

/** Returns the boot file for a client, and whether it is a URL. */
export function bootTarget(
  config: Config,
  plan: BootPlan,
  properties: JsonObject | null,
  client: BootClient,
  httpUrl: string,
): { file: string; url: boolean } {
  if (client.ipxe && loadsByIpxe(plan)) return { file: `${httpUrl}/boot.ipxe`, url: true }
  const file = bootFileFor(
    config,
    plan,
    client.architecture ?? architectureOfNode(config, properties),
  )
  const http =
    client.http ||
    (plan.loader === 'http' && client.architecture?.firmware === 'uefi' && client.ipxe)
  return http ? { file: `${httpUrl}/${file}`, url: true } : { file, url: false }
}

/** The architecture of a node by its properties, for firmware that names none. */
function architectureOfNode({ deploy }: Config, properties: JsonObject | null) {
  const { cpu_arch: cpu, capabilities } = properties ?? {}
  const words = typeof capabilities === 'string' ? capabilities : ''
  const mode = /(?:^|,)boot_mode:(\w+)/.exec(words)?.[1]
  const firmware =
    (mode ?? deploy.default_boot_mode) === 'bios' ? ('bios' as const) : ('uefi' as const)
  return { cpu: typeof cpu === 'string' ? cpu : 'x86_64', firmware }
}

/** Returns the boot part of the answer to a DHCPv4 client that boots from the network. */
export function bootAnswer4(
  config: Config,
  plan: BootPlan,
  properties: JsonObject | null,
  request: Dhcpv4Packet,
  ownAddress: string,
): BootFor {
  const client = {
    architecture: architectureFor(request),
    ipxe: isIpxe(request),
    http: isHttpClient(request),
  }
  const site = siteAt(config, ownAddress)
  const { file, url } = bootTarget(config, plan, properties, client, site.httpUrl)
  const options = new Map<number, Buffer>([[option.bootFileName, terminatedTextOption(file)]])
  if (!url) {
    options.set(option.tftpServerName, terminatedTextOption(site.tftpServer))
    options.set(option.tftpServerAddress, addressOption(site.tftpServer))
  }
  // HTTP boot ignores an answer without its own class (UEFI 2.10, 24.7.3).
  if (client.http) options.set(option.vendorClass, textOption('HTTPClient'))
  if (client.ipxe) options.set(option.ipxe, encodeNested(noProxy))
  const proxyOptions = new Map<number, Buffer>(
    client.http ? [] : [[option.vendorClass, textOption('PXEClient')]],
  )
  if (!client.http && !client.ipxe) {
    const nested = Buffer.concat([encodeNested(bootOfferedFile), Buffer.from([option.end])])
    proxyOptions.set(option.vendorSpecific, nested)
  }
  return { file, nextServer: site.tftpServer, options, proxyOptions }
}

/** Returns the boot file of DHCPv6, which is always a URL (RFC 5970, 3.1). */
export function bootUrl6(
  config: Config,
  plan: BootPlan,
  properties: JsonObject | null,
  client: BootClient,
  ownAddress: string,
): string {
  const site = siteAt(config, ownAddress)
  const { file, url } = bootTarget(config, plan, properties, client, site.httpUrl)
  return url ? file : `tftp://${urlHost(ownAddress)}/${file}`
}
