import type { BootFor } from './boot-answer.js'
import { bootAnswer4 } from './boot-answer.js'
import { declineLease, leaseFor } from './leases.js'
import { machineByClientId, machineByMac } from './machines.js'
import type { Machine, NetbootContext } from './machines.js'
import { bootsNetwork } from './plan.js'
import { inNetwork, maskOf } from './ranges.js'
import type { AddressRange } from './ranges.js'
import { broadcastOf } from '../protocols/dhcp/addresses.js'
import { addressOption, option, secondsOption, textOption } from '../protocols/dhcp/v4/options.js'
import type { Dhcpv4Packet } from '../protocols/dhcp/v4/packet.js'
import {
  clientIdentifierOf,
  isInfiniband,
  isNetworkBoot,
  isRelayed,
  kindOf,
  macOf,
  requestedAddressOf,
  serverIdentifierOf,
} from '../protocols/dhcp/v4/questions.js'
import { replyTo } from '../protocols/dhcp/v4/reply.js'
import type { Link } from '../protocols/dhcp/v4/sockets.js'

export interface Dhcp4Policy {
  readonly ranges: readonly AddressRange[]
  /** Addresses of ours, which nobody is given. */
  readonly ownAddresses: readonly string[]
}

export interface Dhcp4Answer {
  readonly packet: Dhcpv4Packet
  readonly kind: 'offer' | 'ack' | 'nak'
  /** One line for the timeline. */
  readonly summary: string
}

/** What was found out about a request, whether it is answered or not. */
export interface Dhcp4Result {
  readonly mac: string | null
  readonly node: string | null
  readonly answer: Dhcp4Answer | null
}

/**
 * What Ferric says to a DHCPv4 request that came in on a link. Only machines of ours are answered.
 * With an address range for the client's network it is the DHCP server there; without one it adds
 * the boot file to another server's offer (ProxyDHCP), and only for machines that are to boot.
 */
export async function answerDhcp4(
  ctx: NetbootContext,
  policy: Dhcp4Policy,
  request: Dhcpv4Packet,
  link: Link,
): Promise<Dhcp4Result> {
  const mac = macOf(request)
  const machine = await machineOf(ctx, request, mac)
  if (machine === null) return { mac, node: null, answer: null }
  const key = mac ?? clientIdentifierOf(request)?.slice(-17) ?? ''
  const range = rangeFor(policy, request, link)
  const known: Known = { ctx, policy, request, link, machine, key }
  const answer = range === null ? proxy(known) : await serve(known, range)
  return { mac, node: machine.uuid, answer }
}

interface Known {
  readonly ctx: NetbootContext
  readonly policy: Dhcp4Policy
  readonly request: Dhcpv4Packet
  readonly link: Link
  readonly machine: Machine
  /** What its lease is kept under. */
  readonly key: string
}

async function machineOf(ctx: NetbootContext, request: Dhcpv4Packet, mac: string | null) {
  if (mac !== null) return machineByMac(ctx, mac)
  const id = clientIdentifierOf(request)
  return isInfiniband(request) && id !== null ? machineByClientId(ctx, id) : null
}

/** The range of the network the client is in: of its relay, else of the link. */
function rangeFor({ ranges }: Dhcp4Policy, request: Dhcpv4Packet, link: Link): AddressRange | null {
  const at = isRelayed(request) ? request.relayAddress : link.address
  return ranges.find((range) => inNetwork(range, at)) ?? null
}

const bootOf = ({ ctx, request, link, machine }: Known): BootFor | null =>
  machine.bootsHere && bootsNetwork(machine.plan) && isNetworkBoot(request)
    ? bootAnswer4(ctx.config, machine.plan, machine.properties, request, link.address)
    : null

/** Beside another DHCP server: the boot file and no address (PXE 2.1, 2.2.2). */
function proxy(known: Known): Dhcp4Answer | null {
  const { request, link } = known
  const kind = kindOf(request)
  const boot = bootOf(known)
  // A REQUEST here is for port 4011: the one on port 67 is for the server that gave the address.
  if (boot === null || (kind !== 'discover' && kind !== 'inform' && kind !== 'request')) return null
  const chosen = serverIdentifierOf(request)
  if (kind === 'request' && chosen !== null && chosen !== link.address) return null
  if (kind === 'request' && request.clientAddress === '0.0.0.0') return null
  const answered = kind === 'discover' ? 'offer' : 'ack'
  const options = new Map([...boot.options, ...boot.proxyOptions])
  const { nextServer, file } = boot
  const packet = replyTo(request, {
    kind: answered,
    server: link.address,
    nextServer,
    file,
    options,
  })
  return { packet, kind: answered, summary: `ProxyDHCP ${kind}: ${boot.file}` }
}

/** As the DHCP server of the network. */
async function serve(known: Known, range: AddressRange): Promise<Dhcp4Answer | null> {
  const { ctx, request, link, key, policy } = known
  const kind = kindOf(request)
  if (kind === 'decline') {
    const address = requestedAddressOf(request)
    if (address !== null) await declineLease(ctx, address, key)
    return null
  }
  if (kind !== 'discover' && kind !== 'request' && kind !== 'inform') return null
  // The client took another server's offer.
  const chosen = serverIdentifierOf(request)
  if (kind === 'request' && chosen !== null && chosen !== link.address) return null
  if (kind === 'inform') return lease(known, range, null, 'ack')
  const address = await leaseFor(ctx, range, key, policy.ownAddresses)
  if (address === null) {
    ctx.log.error({ range: range.text, mac: key }, 'no address is free for a machine of ours')
    return null
  }
  if (kind === 'discover') return lease(known, range, address, 'offer')
  const asked = requestedAddressOf(request) ?? request.clientAddress
  return asked === address ? lease(known, range, address, 'ack') : refusal(known, asked)
}

function refusal({ request, link }: Known, asked: string): Dhcp4Answer {
  const options = new Map([[option.message, textOption('that is not your address')]])
  const packet = replyTo(request, { kind: 'nak', server: link.address, options })
  return { packet, kind: 'nak', summary: `DHCP request: ${asked} refused` }
}

function lease(
  known: Known,
  range: AddressRange,
  address: string | null,
  kind: 'offer' | 'ack',
): Dhcp4Answer {
  const { request, link, ctx } = known
  const boot = bootOf(known)
  const options = new Map([...addressing(range), ...(boot?.options ?? [])])
  if (address !== null) {
    const seconds = ctx.config.ferric.dhcp_lease_time
    options.set(option.leaseTime, secondsOption(seconds))
    options.set(option.renewalTime, secondsOption(Math.floor(seconds / 2)))
    options.set(option.rebindingTime, secondsOption(Math.floor(seconds * 0.875)))
  }
  const packet = replyTo(request, {
    kind,
    server: link.address,
    options,
    ...(address === null ? {} : { yourAddress: address }),
    ...(boot === null ? {} : { nextServer: boot.nextServer, file: boot.file }),
  })
  const what = [address, boot?.file].filter((one) => one).join(', ')
  return { packet, kind, summary: `DHCP ${kindOf(request) ?? ''}: ${what}` }
}

function addressing(range: AddressRange): Map<number, Buffer> {
  const mask = maskOf(range)
  const options = new Map<number, Buffer>([
    [option.subnetMask, addressOption(mask)],
    [option.broadcast, addressOption(broadcastOf(firstOf(range), mask))],
  ])
  if (range.routers.length > 0) options.set(option.router, addressOption(...range.routers))
  if (range.nameServers.length > 0)
    options.set(option.domainServer, addressOption(...range.nameServers))
  if (range.domain !== null) options.set(option.domainName, textOption(range.domain))
  return options
}

const firstOf = (range: AddressRange): string => range.text.split('-')[0] ?? ''
