import { background } from '../background.js'
import { sameIpv4Network } from '../protocols/dhcp/addresses.js'
import { DhcpProtocolError } from '../protocols/dhcp/errors.js'
import { decodeDhcpv4, encodeDhcpv4 } from '../protocols/dhcp/v4/packet.js'
import type { Dhcpv4Packet } from '../protocols/dhcp/v4/packet.js'
import {
  kindOf,
  macOf,
  requestedAddressOf,
  serverIdentifierOf,
  serverOverrideOf,
} from '../protocols/dhcp/v4/questions.js'
import { destinationOf } from '../protocols/dhcp/v4/reply.js'
import { openLinkSockets } from '../protocols/dhcp/v4/sockets.js'
import type { Datagram, Link, LinkSockets } from '../protocols/dhcp/v4/sockets.js'
import type { BootReport } from './boot-event.js'
import { answerDhcp4 } from './dhcp4.js'
import type { Dhcp4Policy } from './dhcp4.js'
import type { ForeignServers } from './foreign.js'
import type { NetbootContext } from './machines.js'
import { inNetwork } from './ranges.js'

export interface Dhcp4Server {
  close(): Promise<void>
}

export interface Dhcp4ServerOptions {
  readonly links: readonly Link[]
  readonly policy: Dhcp4Policy
  readonly report: BootReport
  readonly foreign: ForeignServers
}

const serverPort = 67
const clientPort = 68
/** The ProxyDHCP port for clients that have an address (PXE 2.1, 2.2.3). */
const bootServerPort = 4011
/** Requests that are being answered. Further ones are dropped, and their clients repeat them. */
const mostAtOnce = 500

/**
 * Starts DHCPv4 and ProxyDHCP on the links, and listens for offers of other servers.
 * @throws the system's error when ports 67 or 4011 cannot be bound
 */
export async function startDhcp4(
  ctx: NetbootContext,
  options: Dhcp4ServerOptions,
): Promise<Dhcp4Server> {
  const { links } = options
  const { clock } = ctx
  const opened: LinkSockets[] = []
  const close = async () => {
    for (const sockets of opened) await sockets.close()
  }
  const failed = (error: Error) => ctx.log.boot.warn({ error }, 'a DHCP answer could not be sent')
  const open = async (port: number, broadcasts: boolean) => {
    let sockets: LinkSockets | undefined
    const receive = receiver(ctx, options, port, () => sockets)
    sockets = await openLinkSockets({ ...{ links, port, broadcasts, failed, receive }, clock })
    opened.push(sockets)
    if (broadcasts && !sockets.knowsInterfaces && links.length > 1) {
      ctx.log.boot.warn(
        'the system does not report the link of a DHCP broadcast, so all links answer',
      )
    }
  }
  try {
    await open(serverPort, true)
    await open(bootServerPort, false)
  } catch (error) {
    await close()
    throw error
  }
  await listenForOffers(ctx, options, opened, failed)
  return { close }
}

function receiver(
  ctx: NetbootContext,
  options: Dhcp4ServerOptions,
  port: number,
  sockets: () => LinkSockets | undefined,
): (datagram: Datagram) => void {
  let running = 0
  return (datagram) => {
    const request = decoded(datagram.bytes)
    if (request === null || request.op !== 1 || running >= mostAtOnce) return
    running += 1
    const answering = answerOn(ctx, { ...options, port, sockets }, request, datagram)
    background(
      ctx.log.boot,
      'answer a DHCP request',
      answering.finally(() => {
        running -= 1
      }),
    )
  }
}

interface Answering extends Dhcp4ServerOptions {
  readonly port: number
  readonly sockets: () => LinkSockets | undefined
}

/** Logs every error, and rejects only when logging fails. */
async function answerOn(
  ctx: NetbootContext,
  answering: Answering,
  request: Dhcpv4Packet,
  datagram: Datagram,
): Promise<void> {
  let [summary, node]: [string | null, string | null] = [null, null]
  try {
    for (const links of byInterface(linksFor(request, datagram))) {
      const result = await answerOnInterface(ctx, answering, request, { ...datagram, links })
      node = result.node
      summary ??= result.summary
    }
  } catch (error) {
    ctx.log.boot.error({ error }, 'a DHCP request could not be answered')
  }
  const chosen = serverIdentifierOf(request)
  if (kindOf(request) === 'request' && chosen !== null && chosen !== serverOverrideOf(request)) {
    answering.foreign.noticed(chosen, node)
  }
  if (node === null) return
  const mac = macOf(request) ?? ''
  const text = summary ?? `DHCP ${kindOf(request) ?? 'BOOTP'}: no answer`
  const outcome = summary === null ? 'passed' : 'done'
  answering.report({ protocol: 'dhcp', node, mac, summary: text, outcome })
}

/**
 * Answers once on an interface. Its addresses share a network segment, so the first one that has an
 * answer sends it.
 */
async function answerOnInterface(
  ctx: NetbootContext,
  { policy, port, sockets }: Answering,
  request: Dhcpv4Packet,
  { from, links, broadcast }: Datagram,
): Promise<{ node: string | null; summary: string | null }> {
  let node: string | null = null
  for (const link of rangesFirst(policy, links)) {
    const result = await answerDhcp4(ctx, policy, request, { link, broadcast })
    node = result.node
    if (result.answer === null) continue
    const { packet, kind, summary } = result.answer
    const onLink = (address: string) => sameIpv4Network(link.address, address, link.netmask)
    const to = port === bootServerPort ? from : destinationOf(request, kind, serverPort, onLink)
    sockets()?.send(link, encodeDhcpv4(packet), to)
    return { node, summary }
  }
  return { node, summary: null }
}

/**
 * Returns the links to answer on: those whose address the request names as its server, else those in
 * whose network the client's address is, else all links that the request may have come in on.
 */
function linksFor(request: Dhcpv4Packet, { links }: Datagram): readonly Link[] {
  const chosen = serverIdentifierOf(request)
  const ours = links.filter(({ address }) => address === chosen)
  if (ours.length > 0) return ours
  const { clientAddress } = request
  const address = requestedAddressOf(request) ?? clientAddress
  const near = links.filter((link) => sameIpv4Network(link.address, address, link.netmask))
  if (kindOf(request) === 'request' && near.length > 0) return near
  return [...near, ...links.filter((link) => !near.includes(link))]
}

function byInterface(links: readonly Link[]): Link[][] {
  const names = [...new Set(links.map(({ name }) => name))]
  return names.map((name) => links.filter((link) => link.name === name))
}

/** Puts the addresses whose network has a range first. Beside a DHCP server ProxyDHCP adds nothing. */
function rangesFirst({ ranges }: Dhcp4Policy, links: readonly Link[]): Link[] {
  const served = links.filter(({ address }) => ranges.some((range) => inNetwork(range, address)))
  return [...served, ...links.filter((link) => !served.includes(link))]
}

function decoded(bytes: Buffer): Dhcpv4Packet | null {
  try {
    return decodeDhcpv4(bytes)
  } catch (error) {
    if (error instanceof DhcpProtocolError) return null
    throw error
  }
}

/** Other servers broadcast offers to the clients' port, which a client on this host may have taken. */
async function listenForOffers(
  ctx: NetbootContext,
  { links, foreign }: Dhcp4ServerOptions,
  opened: LinkSockets[],
  failed: (error: Error) => void,
): Promise<void> {
  const receive = ({ bytes }: Datagram) => {
    const packet = decoded(bytes)
    const server = packet?.op === 2 ? serverIdentifierOf(packet) : null
    if (server !== null) foreign.noticed(server, null)
  }
  try {
    const sockets = await openLinkSockets({
      links: [],
      port: clientPort,
      broadcasts: true,
      failed,
      receive,
      clock: ctx.clock,
    })
    opened.push(sockets)
  } catch (error) {
    ctx.log.boot.info(
      { error, links: links.length },
      'the port for offers of other DHCP servers is taken',
    )
  }
}
