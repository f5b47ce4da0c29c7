import { createHash } from 'node:crypto'
import { DhcpProtocolError } from '../protocols/dhcp/errors.js'
import { decodeDhcpv6, encodeDhcpv6 } from '../protocols/dhcp/v6/packet.js'
import { unwrap } from '../protocols/dhcp/v6/questions.js'
import type { Received } from '../protocols/dhcp/v6/questions.js'
import { openDhcpv6Socket } from '../protocols/dhcp/v6/socket.js'
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
/** Requests that are being answered; more are dropped, and sent again by their clients. */
const mostAtOnce = 500

/**
 * DHCPv6 on the links.
 * @throws the system's error when the port cannot be bound
 */
export async function startDhcp6(
  ctx: NetbootContext,
  { links, policy, report }: Dhcp6ServerOptions,
): Promise<{ close(): Promise<void> }> {
  const serverId = serverIdentifier(policy)
  const addressOn = (scope: string | undefined) =>
    links.find(({ name }) => name === scope)?.address ?? links[0]?.address ?? '::1'
  const answer = async (received: Received, from: { address: string; port: number }) => {
    const ownAddress = addressOn(from.address.split('%')[1])
    const question = { received, from: from.address, ownAddress, serverId }
    const result = await answerDhcp6(ctx, policy, question)
    const { node, mac, summary, answer: packet } = result
    if (packet === null) return
    socket.send(encodeDhcpv6(packet), from)
    report({ protocol: 'dhcp', node, summary, outcome: 'done', ...(mac === null ? {} : { mac }) })
  }
  let running = 0
  const socket = await openDhcpv6Socket({
    interfaces: [...new Set(links.map(({ name }) => name))],
    port: serverPort,
    failed: (error) => ctx.log.warn({ error }, 'a DHCPv6 answer could not be sent'),
    receive: (bytes, from) => {
      const received = decoded(bytes)
      if (received === null || running >= mostAtOnce) return
      running += 1
      answer(received, from)
        .catch((error: unknown) =>
          ctx.log.error({ error }, 'a DHCPv6 request could not be answered'),
        )
        .finally(() => {
          running -= 1
        })
    },
  })
  return socket
}

function decoded(bytes: Buffer): Received | null {
  try {
    return unwrap(decodeDhcpv6(bytes))
  } catch (error) {
    if (error instanceof DhcpProtocolError) return null
    throw error
  }
}

/** A DUID-UUID (RFC 6355) that all processes share: they answer from one database. */
function serverIdentifier({ ranges }: Dhcp4Policy): Buffer {
  const text = `ferric ${ranges.map((range) => range.text).join(' ')}`
  const id = createHash('sha256').update(text).digest().subarray(0, 16)
  return Buffer.concat([Buffer.from([0, 4]), id])
}
