import type { ProcessContext } from '../process-context.js'
import { startDhcp4 } from './dhcp4-server.js'
import { startDhcp6 } from './dhcp6-server.js'
import { foreignServers } from './foreign.js'
import { startBootHttp } from './http.js'
import { findLinks, ownAddressFor } from './links.js'
import { readRange } from './ranges.js'
import { bootReport } from './report.js'
import type { BootReport } from './boot-event.js'
import { startBootTftp } from './tftp.js'

export interface BootService {
  /** Lines for the start-up message. */
  readonly lines: readonly string[]
  close(): Promise<void>
}

/**
 * Starts the servers for machines that boot: HTTP, TFTP, and, with `dhcp_provider = ferric`, DHCP. They
 * compute every answer from the database, so any number of processes may run them.
 * @throws Error when the configuration is invalid, the system's error when a port cannot be bound
 */
export async function startBootService(ctx: ProcessContext): Promise<BootService> {
  const stops: (() => Promise<void>)[] = []
  const close = async () => {
    for (const stop of stops.toReversed()) await stop()
  }
  try {
    const lines = await startAll(ctx, stops)
    return { lines, close }
  } catch (error) {
    await close()
    throw error
  }
}

async function startAll(ctx: ProcessContext, stops: (() => Promise<void>)[]): Promise<string[]> {
  const { ferric, dhcp } = ctx.config
  const links = findLinks(ferric.boot_links)
  const { report, close } = bootReport(ctx)
  stops.push(() => Promise.resolve(close()))
  const http = await startBootHttp(ctx, { port: ferric.boot_http_port, report })
  stops.push(() => http.close())
  const ownAddress = (machine: string) => ownAddressFor(links, machine)
  for (const host of ['0.0.0.0', ...(ferric.boot_ipv6 ? ['::'] : [])]) {
    const tftp = await startBootTftp(ctx, { host, port: ferric.boot_tftp_port, ownAddress, report })
    stops.push(() => tftp.close())
  }
  const lines = [`Boot       HTTP port ${http.port}, TFTP port ${ferric.boot_tftp_port}`]
  if ((dhcp.dhcp_provider ?? 'ferric') !== 'ferric') return lines
  return [...lines, await startDhcp(ctx, links, report, stops)]
}

async function startDhcp(
  ctx: ProcessContext,
  links: ReturnType<typeof findLinks>,
  report: BootReport,
  stops: (() => Promise<void>)[],
): Promise<string> {
  const { ferric } = ctx.config
  const ranges = ferric.dhcp_range.map(readRange)
  const ownAddresses = [...links.v4, ...links.v6].map(({ address }) => address)
  const policy = { ranges, ownAddresses }
  const alone = ranges.some(({ family }) => family === 4)
  const foreign = foreignServers(ctx, ownAddresses, alone)
  const dhcp4 = await startDhcp4(ctx, { links: links.v4, policy, report, foreign })
  stops.push(() => dhcp4.close())
  if (ferric.boot_ipv6) {
    const dhcp6 = await startDhcp6(ctx, { links: links.v6, policy, report })
    stops.push(() => dhcp6.close())
  }
  const names = links.v4.map(({ name, address }) => `${name} ${address}`).join(', ')
  const what = alone ? `DHCP for ${ranges.map(({ text }) => text).join(', ')}` : 'ProxyDHCP'
  return `           ${what} on ${names || 'no link'}`
}
