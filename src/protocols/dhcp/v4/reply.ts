import { messageType, option } from './options.js'
import type { MessageType } from './options.js'
import type { Dhcpv4Packet } from './packet.js'
import { isRelayed } from './questions.js'

export interface Dhcpv4Reply {
  readonly kind: Extract<MessageType, 'offer' | 'ack' | 'nak'>
  /** Address of the server on the client's link: option 54. */
  readonly server: string
  readonly yourAddress?: string
  readonly nextServer?: string
  readonly file?: string
  readonly options: ReadonlyMap<number, Buffer>
}

const longestFile = 127
const zero = '0.0.0.0'

/** Makes an answer to a request (RFC 2131, 4.3.1, table 3) and echoes the options that need it. */
export function replyTo(request: Dhcpv4Packet, reply: Dhcpv4Reply): Dhcpv4Packet {
  const nak = reply.kind === 'nak'
  const file = reply.file ?? ''
  const options = new Map([
    [option.messageType, Buffer.from([messageType[reply.kind]])],
    [option.serverIdentifier, Buffer.from(reply.server.split('.').map(Number))],
    ...reply.options,
  ])
  for (const code of [option.machineIdentifier, option.subnetSelection, option.relayAgent]) {
    const value = request.options.get(code)
    if (value !== undefined) options.set(code, value)
  }
  return {
    ...request,
    op: 2,
    hops: 0,
    seconds: 0,
    // A relay must broadcast a NAK: the client's address is wrong (RFC 2131, 4.3.2).
    broadcast: request.broadcast || (nak && isRelayed(request)),
    clientAddress: reply.kind === 'ack' ? request.clientAddress : zero,
    yourAddress: reply.yourAddress ?? zero,
    nextServer: reply.nextServer ?? zero,
    serverName: '',
    file: file.length <= longestFile ? file : '',
    options,
  }
}

/**
 * Returns where an answer goes (RFC 2131, 4.1). A client without an address is always reached by
 * broadcast, because unicast to it would need an ARP entry that no unprivileged interface makes.
 * @param onLink whether an address is on the link that a broadcast would go out on
 */
export function destinationOf(
  request: Dhcpv4Packet,
  kind: Dhcpv4Reply['kind'],
  serverPort: number,
  onLink: (address: string) => boolean,
): { address: string; port: number } {
  const { relayAddress, clientAddress } = request
  if (isRelayed(request)) return { address: relayAddress, port: serverPort }
  // A refused client on the link may not use its address. One behind a relay hears no broadcast.
  const unicast = clientAddress !== zero && (kind !== 'nak' || !onLink(clientAddress))
  return { address: unicast ? clientAddress : '255.255.255.255', port: serverPort + 1 }
}
