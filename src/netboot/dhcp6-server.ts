import { createHash } from 'node:crypto'
import { background } from '../background.js'
import { DhcpProtocolError } from '../protocols/dhcp/errors.js'
import { decodeDhcpv6, encodeDhcpv6 } from '../protocols/dhcp/v6/packet.js'
import { unwrap } from '../protocols/dhcp/v6/questions.js'
import type { Received } from '../protocols/dhcp/v6/questions.js'
import { openDhcpv6Sockets } from '../protocols/dhcp/v6/sockets.js'
import type { Datagram6, Dhcpv6Sockets } from '../protocols/dhcp/v6/sockets.js'
import { answerDhcp6 } from './dhcp6.js'
import type { Dhcp4Policy } from './dhcp4.js'
import type { Links } from './links.js'
import type { NetbootContext } from './machines.js'
import type { BootReport } from './boot-event.js'

export interface Dhcp6ServerOptions {
  readonly links: Links['v6']
  readonly policy: Dhcp4Policy
  readonly report: BootReport
}

const serverPort = 547
/** Requests that are being answered. Further ones are dropped, and their clients repeat them. */
const mostAtOnce = 500

/**
 * Starts DHCPv6 on the links.
 * @throws the system's error when the port cannot be bound
 */
export async function startDhcp6(
  ctx: NetbootContext,
  options: Dhcp6ServerOptions,
): Promise<{ close(): Promise<void> }> {
  const serverId = serverIdentifier(options.policy)
  let running = 0
  const sockets: Dhcpv6Sockets = await openDhcpv6Sockets({
    links: options.links,
    port: serverPort,
    failed: (error) => ctx.log.boot.warn({ error }, 'a DHCPv6 answer could not be sent'),
    receive: (datagram) => {
      const received = decoded(datagram.bytes)
      if (received === null || running >= mostAtOnce) return
      running += 1
      const answering = answer(ctx, { ...options, serverId, sockets }, received, datagram)
      background(
        ctx.log.boot,
        'answer a DHCPv6 request',
        answering.finally(() => {
          running -= 1
        }),
      )
    },
  })
  return sockets
}

interface Answering extends Dhcp6ServerOptions {
  readonly serverId: Buffer
  readonly sockets: Dhcpv6Sockets
}

async function answer(
  ctx: NetbootContext,
  { policy, report, serverId, sockets }: Answering,
  received: Received,
  { from, links }: Datagram6,
): Promise<void> {
  const ownAddresses = links.map(({ address }) => address)
  const question = { received, from: from.address, ownAddresses, serverId }
  const { node, mac, summary, answer: packet } = await answerDhcp6(ctx, policy, question)
  if (packet === null) return
  sockets.send(encodeDhcpv6(packet), from)
  report({ protocol: 'dhcp', node, summary, outcome: 'done', ...(mac === null ? {} : { mac }) })
}

function decoded(bytes: Buffer): Received | null {
  try {
    return unwrap(decodeDhcpv6(bytes))
  } catch (error) {
    if (error instanceof DhcpProtocolError) return null
    throw error
  }
}

/** A DUID-UUID (RFC 6355) that all processes share, because they answer from one database. */
function serverIdentifier({ ranges }: Dhcp4Policy): Buffer {
  const text = `ferric ${ranges.map((range) => range.text).join(' ')}`
  const id = createHash('sha256').update(text).digest().subarray(0, 16)
  return Buffer.concat([Buffer.from([0, 4]), id])
}
