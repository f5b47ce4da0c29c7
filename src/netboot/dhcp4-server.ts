import { background } from '../background.js'
import { DhcpProtocolError } from '../protocols/dhcp/errors.js'
import { decodeDhcpv4, encodeDhcpv4 } from '../protocols/dhcp/v4/packet.js'
import type { Dhcpv4Packet } from '../protocols/dhcp/v4/packet.js'
import { kindOf, macOf, serverIdentifierOf } from '../protocols/dhcp/v4/questions.js'
import { destinationOf } from '../protocols/dhcp/v4/reply.js'
import { openLinkSockets } from '../protocols/dhcp/v4/sockets.js'
import type { Datagram, Link, LinkSockets } from '../protocols/dhcp/v4/sockets.js'
import { answerDhcp4 } from './dhcp4.js'
import type { Dhcp4Policy } from './dhcp4.js'
import type { ForeignServers } from './foreign.js'
import type { NetbootContext } from './machines.js'
import type { BootReport } from './boot-event.js'

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
/** Where ProxyDHCP is asked again by clients that have an address (PXE 2.1, 2.2.3). */
const bootServerPort = 4011
/** Requests that are being answered; more are dropped, and sent again by their clients. */
const mostAtOnce = 500

/**
 * DHCPv4 and ProxyDHCP on the links, and an ear for the offers of others.
 * @throws the system's error when ports 67 or 4011 cannot be bound
 */
export async function startDhcp4(
  ctx: NetbootContext,
  options: Dhcp4ServerOptions,
): Promise<Dhcp4Server> {
  const { links } = options
  const opened: LinkSockets[] = []
  const close = async () => {
    for (const sockets of opened) await sockets.close()
  }
  const failed = (error: Error) => ctx.log.warn({ error }, 'a DHCP answer could not be sent')
  const open = async (port: number, broadcasts: boolean) => {
    let sockets: LinkSockets | undefined
    const receive = receiver(ctx, options, port, () => sockets)
    sockets = await openLinkSockets({ links, port, broadcasts, failed, receive })
    opened.push(sockets)
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
      ctx.log,
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

/** Never rejects. */
async function answerOn(
  ctx: NetbootContext,
  { policy, report, foreign, port, sockets }: Answering,
  request: Dhcpv4Packet,
  { from, links }: Datagram,
): Promise<void> {
  let [said, node]: [string | null, string | null] = [null, null]
  try {
    for (const link of links) {
      const result = await answerDhcp4(ctx, policy, request, link)
      node = result.node
      if (result.answer === null) continue
      const { packet, kind } = result.answer
      const to = port === bootServerPort ? from : destinationOf(request, kind, serverPort)
      sockets()?.send(link, encodeDhcpv4(packet), to)
      said ??= result.answer.summary
    }
  } catch (error) {
    ctx.log.error({ error }, 'a DHCP request could not be answered')
  }
  const chosen = serverIdentifierOf(request)
  if (kindOf(request) === 'request' && chosen !== null) foreign.noticed(chosen, node)
  if (node === null) return
  const mac = macOf(request) ?? ''
  const summary = said ?? `DHCP ${kindOf(request) ?? 'BOOTP'}: left to others`
  report({ protocol: 'dhcp', node, mac, summary, outcome: said === null ? 'passed' : 'done' })
}

function decoded(bytes: Buffer): Dhcpv4Packet | null {
  try {
    return decodeDhcpv4(bytes)
  } catch (error) {
    if (error instanceof DhcpProtocolError) return null
    throw error
  }
}

/** Offers of other servers are broadcast to the clients' port. A client of this host may have it. */
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
    })
    opened.push(sockets)
  } catch (error) {
    ctx.log.info(
      { error, links: links.length },
      'offers of other DHCP servers are not listened for',
    )
  }
}
