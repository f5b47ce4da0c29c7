import { ipv6ToBytes } from '../protocols/dhcp/addresses.js'
import { option6, pxeEnterprise } from '../protocols/dhcp/v6/options.js'
import type { Option6 } from '../protocols/dhcp/v6/options.js'
import { encodeDhcpv6, u16, u32 } from '../protocols/dhcp/v6/packet.js'
import type { Dhcpv6Message, Dhcpv6Packet } from '../protocols/dhcp/v6/packet.js'
import {
  architectureFor6,
  isHttpClient6,
  isIpxe6,
  isNetworkBoot6,
  isValidRequest,
  linkAddressOf,
  macOf6,
} from '../protocols/dhcp/v6/questions.js'
import type { Received } from '../protocols/dhcp/v6/questions.js'
import { bootUrl6 } from './boot-answer.js'
import { bindAddresses } from './dhcp6-bindings.js'
import type { Dhcp4Policy } from './dhcp4.js'
import { poolAt } from './leases.js'
import type { AddressPool } from './leases.js'
import { machineByMac } from './machines.js'
import type { Machine, NetbootContext } from './machines.js'
import { bootsNetwork } from './plan.js'

export interface Dhcp6Result {
  readonly mac: string | null
  readonly node: string | null
  readonly answer: Dhcpv6Packet | null
  readonly summary: string
}

export interface Dhcp6Question {
  readonly received: Received
  /** The sender of the outermost packet. */
  readonly from: string
  /** The addresses of this host on the link that the packet came in on. Never empty. */
  readonly ownAddresses: readonly string[]
  readonly serverId: Buffer
}

/**
 * Answers a DHCPv6 message of an enrolled machine: with addresses where a range is in its network,
 * and with the URL of its boot file where it is to boot (RFC 8415, RFC 5970).
 */
export async function answerDhcp6(
  ctx: NetbootContext,
  policy: Dhcp4Policy,
  question: Dhcp6Question,
): Promise<Dhcp6Result> {
  const { message } = question.received
  const mac = macOf6(question.received, question.from)
  const machine = mac === null ? null : await machineByMac(ctx, mac)
  const silence = { mac, node: machine?.uuid ?? null, answer: null, summary: '' }
  if (mac === null || machine === null) return silence
  if (!isValidRequest(message, question.serverId)) return silence
  const { pool, ownAddress } = placeOf(policy, question)
  const bindings = await bindingsOf(ctx, pool, mac, message)
  if (bindings === null) return silence
  const boot = bootOptions(ctx, machine, message, ownAddress)
  const options = [
    ...echoed(message),
    { code: option6.serverId, data: question.serverId },
    ...bindings,
    ...(pool === null ? [] : nameServers(pool)),
    ...boot.options,
  ]
  const { transaction } = message
  const inner: Dhcpv6Message = { type: answerType(message), transaction, options }
  const summary = `DHCPv6 ${message.type}: ${boot.url ?? 'an address'}`
  return { mac, node: machine.uuid, answer: enveloped(inner, question.received), summary }
}

/** The pool of the client's network, and the address of this host to name in its boot URL. */
function placeOf(
  { ranges, ownAddresses: reserved }: Dhcp4Policy,
  { received, ownAddresses }: Dhcp6Question,
): { pool: AddressPool | null; ownAddress: string } {
  const [first = '::1'] = ownAddresses
  const relayed = linkAddressOf(received)
  if (relayed !== null) return { pool: poolAt(ranges, reserved, relayed), ownAddress: first }
  for (const ownAddress of ownAddresses) {
    const pool = poolAt(ranges, reserved, ownAddress)
    if (pool !== null) return { pool, ownAddress }
  }
  return { pool: null, ownAddress: first }
}

/**
 * null for silence. A server without addresses for the link stays silent, because its ADVERTISE
 * would only compete with the one of the network's DHCP server.
 */
async function bindingsOf(
  ctx: NetbootContext,
  pool: AddressPool | null,
  mac: string,
  message: Dhcpv6Message,
): Promise<Option6[] | null> {
  if (message.type === 'information-request') return []
  return pool === null ? null : bindAddresses(ctx, pool, mac, message)
}

const isRapid = ({ type, options }: Dhcpv6Message): boolean =>
  type === 'solicit' && options.some(({ code }) => code === option6.rapidCommit)

const answerType = (message: Dhcpv6Message): 'advertise' | 'reply' =>
  message.type === 'solicit' && !isRapid(message) ? 'advertise' : 'reply'

const echoed = (message: Dhcpv6Message): Option6[] =>
  message.options.filter(
    ({ code }) =>
      code === option6.clientId || (code === option6.rapidCommit && message.type === 'solicit'),
  )

function nameServers({ ranges }: AddressPool): Option6[] {
  const servers = [...new Set(ranges.flatMap((range) => range.nameServers))]
  return servers.length === 0
    ? []
    : [{ code: option6.domainServer, data: Buffer.concat(servers.map(ipv6ToBytes)) }]
}

function bootOptions(
  ctx: NetbootContext,
  machine: Machine,
  message: Dhcpv6Message,
  ownAddress: string,
) {
  const boots = machine.bootsHere && bootsNetwork(machine.plan) && isNetworkBoot6(message)
  if (!boots || machine.plan === null) return { url: null, options: [] }
  const http = isHttpClient6(message)
  const client = { architecture: architectureFor6(message), ipxe: isIpxe6(message), http }
  const url = bootUrl6(ctx.config, machine.plan, machine.properties, client, ownAddress)
  const options = [{ code: option6.bootFileUrl, data: Buffer.from(url) }]
  return { url, options: http ? [...options, httpClass()] : options }
}

/** UEFI HTTP boot ignores an answer without it. */
function httpClass(): Option6 {
  const name = Buffer.from('HTTPClient')
  return {
    code: option6.vendorClass,
    data: Buffer.concat([u32(pxeEnterprise), u16(name.length), name]),
  }
}

/** Puts the answer into the envelopes of the request (RFC 8415, 19.3). */
function enveloped(message: Dhcpv6Message, { relays }: Received): Dhcpv6Packet {
  return relays.toReversed().reduce<Dhcpv6Packet>((inner, relay) => {
    const kept = relay.options.filter(({ code }) => code === option6.interfaceId)
    return { ...relay, type: 'relay-reply', options: [...kept, relayed(inner)] }
  }, message)
}

const relayed = (inner: Dhcpv6Packet): Option6 => ({
  code: option6.relayMessage,
  data: encodeDhcpv6(inner),
})
