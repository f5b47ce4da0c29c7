import type { BootFor } from './boot-answer.js'
import { bootAnswer4 } from './boot-answer.js'
import {
  declineLease,
  leaseAddress,
  offerAddress,
  poolAt,
  rangeOf,
  releaseLease,
} from './leases.js'
import type { AddressPool } from './leases.js'
import { machineByClientId, machineByMac } from './machines.js'
import type { Machine, NetbootContext } from './machines.js'
import { bootsNetwork } from './plan.js'
import { maskOf } from './ranges.js'
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
  selectedSubnetOf,
  serverIdentifierOf,
  serverOverrideOf,
} from '../protocols/dhcp/v4/questions.js'
import { replyTo } from '../protocols/dhcp/v4/reply.js'
import type { Link } from '../protocols/dhcp/v4/sockets.js'

export interface Dhcp4Policy {
  readonly ranges: readonly AddressRange[]
  /** Addresses of this host, which no machine gets. */
  readonly ownAddresses: readonly string[]
}

/** How a request came in. */
export interface Arrival {
  readonly link: Link
  /** By broadcast on the link; else to an address of this host. */
  readonly broadcast: boolean
}

export interface Dhcp4Answer {
  readonly packet: Dhcpv4Packet
  readonly kind: 'offer' | 'ack' | 'nak'
  /** One line for the timeline. */
  readonly summary: string
}

/** The machine behind a request, and the answer to it, if there is one. */
export interface Dhcp4Result {
  readonly mac: string | null
  readonly node: string | null
  readonly answer: Dhcp4Answer | null
}

/**
 * Answers a DHCPv4 request of an enrolled machine. With an address range for the client's network
 * Ferric is the DHCP server there. Without one it adds the boot file to another server's offer
 * (ProxyDHCP), and only for machines that are to boot.
 */
export async function answerDhcp4(
  ctx: NetbootContext,
  policy: Dhcp4Policy,
  request: Dhcpv4Packet,
  arrival: Arrival,
): Promise<Dhcp4Result> {
  const mac = macOf(request)
  const machine = await machineOf(ctx, request, mac)
  if (machine === null) return { mac, node: null, answer: null }
  const server = serverFor(policy, request, arrival)
  if (server === null) return { mac, node: machine.uuid, answer: null }
  const pool = poolAt(policy.ranges, policy.ownAddresses, networkAddressOf(request, arrival))
  const key = mac ?? clientIdentifierOf(request)?.slice(-17) ?? ''
  const exchange: Exchange = { ctx, request, link: arrival.link, machine, key, server }
  const answer = pool === null ? proxy(exchange) : await serve(exchange, pool)
  return { mac, node: machine.uuid, answer }
}

interface Exchange {
  readonly ctx: NetbootContext
  readonly request: Dhcpv4Packet
  readonly link: Link
  readonly machine: Machine
  /** The key of its lease. */
  readonly key: string
  /** The server identifier of the answer. */
  readonly server: string
}

async function machineOf(ctx: NetbootContext, request: Dhcpv4Packet, mac: string | null) {
  if (mac !== null) return machineByMac(ctx, mac)
  const id = clientIdentifierOf(request)
  return isInfiniband(request) && id !== null ? machineByClientId(ctx, id) : null
}

/**
 * The server identifier to answer with: the relay's override (RFC 5107), else our address on the
 * link. null when the request names another server. What is not broadcast on the link may name any
 * address of this host.
 */
function serverFor(
  { ownAddresses }: Dhcp4Policy,
  request: Dhcpv4Packet,
  { link, broadcast }: Arrival,
): string | null {
  const server = serverOverrideOf(request) ?? link.address
  const chosen = serverIdentifierOf(request)
  if (chosen === null || chosen === server) return server
  return !broadcast && ownAddresses.includes(chosen) ? chosen : null
}

/**
 * An address in the client's network: of the selected subnet (RFC 3527, RFC 3011), else of the
 * relay, else of the client, else of the link (RFC 2131, 4.3.2 and 4.3.5). The client's own address
 * counts only where it was reached through routers: on the link the link is what matters.
 */
function networkAddressOf(request: Dhcpv4Packet, { link, broadcast }: Arrival): string {
  const selected = selectedSubnetOf(request)
  if (selected !== null) return selected
  if (isRelayed(request)) return request.relayAddress
  return broadcast || request.clientAddress === zero ? link.address : request.clientAddress
}

const zero = '0.0.0.0'

const bootOf = ({ ctx, request, link, machine }: Exchange): BootFor | null =>
  machine.bootsHere && bootsNetwork(machine.plan) && isNetworkBoot(request)
    ? bootAnswer4(ctx.config, machine.plan, machine.properties, request, link.address)
    : null

/** Answers beside another DHCP server: the boot file and no address (PXE 2.1, 2.2.2). */
function proxy(exchange: Exchange): Dhcp4Answer | null {
  const { request, server } = exchange
  const kind = kindOf(request)
  const boot = bootOf(exchange)
  // A REQUEST for ProxyDHCP comes to port 4011. One on port 67 is for the server of the address.
  if (boot === null || (kind !== 'discover' && kind !== 'inform' && kind !== 'request')) return null
  if (kind === 'request' && request.clientAddress === zero) return null
  const answered = kind === 'discover' ? 'offer' : 'ack'
  const options = new Map([...boot.options, ...boot.proxyOptions])
  const { nextServer, file } = boot
  const packet = replyTo(request, { kind: answered, server, nextServer, file, options })
  return { packet, kind: answered, summary: `ProxyDHCP ${kind}: ${boot.file}` }
}

/** Answers as the DHCP server of the network. */
async function serve(exchange: Exchange, pool: AddressPool): Promise<Dhcp4Answer | null> {
  const { ctx, request, key } = exchange
  switch (kindOf(request)) {
    case 'discover':
      return offer(exchange, pool)
    case 'request':
      return acknowledge(exchange, pool)
    case 'inform': {
      const range = rangeOf(pool, request.clientAddress) ?? pool.ranges[0]
      return range === undefined ? null : answerWith(exchange, range, null, 'ack')
    }
    case 'decline': {
      const address = requestedAddressOf(request)
      const isDeclined = address !== null && (await declineLease(ctx, key, address))
      if (isDeclined) ctx.log.boot.warn({ mac: key, address }, 'a machine found its address in use')
      return null
    }
    case 'release':
      await releaseLease(ctx, key, request.clientAddress)
      return null
    default:
      return null
  }
}

async function offer(exchange: Exchange, pool: AddressPool): Promise<Dhcp4Answer | null> {
  const { ctx, request, key } = exchange
  const holder = { mac: key, association: 0 }
  const address = await offerAddress(ctx, pool, holder, requestedAddressOf(request))
  const range = address === null ? undefined : rangeOf(pool, address)
  if (range !== undefined) return answerWith(exchange, range, address, 'offer')
  const ranges = pool.ranges.map(({ text }) => text)
  ctx.log.boot.error({ ranges, mac: key }, 'no address is free for an enrolled machine')
  return null
}

/** A REQUEST after an offer, after a restart of the client, or to renew its lease. */
async function acknowledge(exchange: Exchange, pool: AddressPool): Promise<Dhcp4Answer | null> {
  const { ctx, request, key, server } = exchange
  const address = requestedAddressOf(request) ?? request.clientAddress
  const holder = { mac: key, association: 0 }
  const selecting = serverIdentifierOf(request) !== null
  const isLeased = await leaseAddress(ctx, pool, holder, address, { selecting })
  const range = isLeased ? rangeOf(pool, address) : undefined
  if (range !== undefined) return answerWith(exchange, range, address, 'ack')
  const options = new Map([[option.message, textOption('that is not your address')]])
  const packet = replyTo(request, { kind: 'nak', server, options })
  return { packet, kind: 'nak', summary: `DHCP request: ${address} refused` }
}

function answerWith(
  exchange: Exchange,
  range: AddressRange,
  address: string | null,
  kind: 'offer' | 'ack',
): Dhcp4Answer {
  const { request, server, ctx } = exchange
  const boot = bootOf(exchange)
  const options = new Map([...addressing(range), ...(boot?.options ?? [])])
  if (address !== null) {
    const seconds = ctx.config.ferric.dhcp_lease_time
    options.set(option.leaseTime, secondsOption(seconds))
    options.set(option.renewalTime, secondsOption(Math.floor(seconds / 2)))
    options.set(option.rebindingTime, secondsOption(Math.floor(seconds * 0.875)))
  }
  const packet = replyTo(request, {
    kind,
    server,
    options,
    ...(address === null ? {} : { yourAddress: address }),
    ...(boot === null ? {} : { nextServer: boot.nextServer, file: boot.file }),
  })
  const content = [address, boot?.file].filter((one) => one).join(', ')
  return { packet, kind, summary: `DHCP ${kindOf(request) ?? ''}: ${content}` }
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
