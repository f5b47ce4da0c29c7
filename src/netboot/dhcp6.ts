import { ipv6ToBytes } from '../protocols/dhcp/addresses.js'
import { option6, pxeEnterprise } from '../protocols/dhcp/v6/options.js'
import type { Option6 } from '../protocols/dhcp/v6/options.js'
import { encodeDhcpv6, identityAssociation, u16, u32 } from '../protocols/dhcp/v6/packet.js'
import type { Dhcpv6Message, Dhcpv6Packet } from '../protocols/dhcp/v6/packet.js'
import {
  architectureFor6,
  associations,
  isHttpClient6,
  isIpxe6,
  isNetworkBoot6,
  macOf6,
  optionOf,
} from '../protocols/dhcp/v6/questions.js'
import type { Received } from '../protocols/dhcp/v6/questions.js'
import { bootUrl6 } from './boot-answer.js'
import type { Dhcp4Policy } from './dhcp4.js'
import { leaseFor } from './leases.js'
import { machineByMac } from './machines.js'
import type { Machine, NetbootContext } from './machines.js'
import { bootsNetwork } from './plan.js'
import { inNetwork } from './ranges.js'
import type { AddressRange } from './ranges.js'

export interface Dhcp6Result {
  readonly mac: string | null
  readonly node: string | null
  readonly answer: Dhcpv6Packet | null
  readonly summary: string
}

export interface Dhcp6Question {
  readonly received: Received
  /** Where the outermost packet came from. */
  readonly from: string
  /** Our address on the link. */
  readonly ownAddress: string
  readonly serverId: Buffer
}

/**
 * What Ferric says to a DHCPv6 message: machines of ours get an address where there is a range for
 * their network, and the URL of their boot file where they are to boot (RFC 8415, RFC 5970).
 */
export async function answerDhcp6(
  ctx: NetbootContext,
  policy: Dhcp4Policy,
  question: Dhcp6Question,
): Promise<Dhcp6Result> {
  const { message } = question.received
  const mac = macOf6(question.received, question.from)
  const machine = mac === null ? null : await machineByMac(ctx, mac)
  const nothing = { mac, node: machine?.uuid ?? null, answer: null, summary: '' }
  if (mac === null || machine === null || !isForUs(question)) return nothing
  const answered = answerType(message)
  if (answered === null) return nothing
  const boot = bootOptions(ctx, machine, question)
  const addresses = await addressOptions(ctx, policy, question, mac)
  const informs = message.type === 'information-request'
  // A server without addresses for the link is silent; its ADVERTISE would only be in the way.
  if (addresses === null && !informs) return nothing
  const options = [
    ...echoed(message),
    { code: option6.serverId, data: question.serverId },
    ...(addresses ?? []),
    ...boot.options,
  ]
  const inner: Dhcpv6Message = { type: answered, transaction: message.transaction, options }
  const summary = `DHCPv6 ${message.type}: ${boot.url ?? 'an address'}`
  return { mac, node: machine.uuid, answer: enveloped(inner, question.received), summary }
}

function isForUs({ received, serverId }: Dhcp6Question): boolean {
  const named = optionOf(received.message, option6.serverId)
  return named === null || named.equals(serverId)
}

function answerType({ type, options }: Dhcpv6Message): 'advertise' | 'reply' | null {
  if (type === 'solicit') {
    return options.some(({ code }) => code === option6.rapidCommit) ? 'reply' : 'advertise'
  }
  const answered = [
    'request',
    'renew',
    'rebind',
    'confirm',
    'release',
    'decline',
    'information-request',
  ]
  return answered.includes(type) ? 'reply' : null
}

const echoed = (message: Dhcpv6Message): Option6[] =>
  message.options.filter(
    ({ code }) =>
      code === option6.clientId || (code === option6.rapidCommit && message.type === 'solicit'),
  )

/** null when we have no addresses for the network. */
async function addressOptions(
  ctx: NetbootContext,
  { ranges, ownAddresses }: Dhcp4Policy,
  { received, ownAddress }: Dhcp6Question,
  mac: string,
): Promise<Option6[] | null> {
  const at = received.relays.at(-1)?.linkAddress ?? ownAddress
  const range = ranges.find((one) => inNetwork(one, at))
  if (range === undefined) return null
  const { message } = received
  if (message.type === 'release' || message.type === 'decline') return [success]
  if (message.type === 'confirm') return [success]
  const found: Option6[] = []
  for (const { iaid } of associations(message)) {
    // Every association is of one machine, which has one address: firmware asks under several.
    const address = await leaseFor(ctx, range, mac, ownAddresses)
    found.push(identityAssociation(iaid, address, ctx.config.ferric.dhcp_lease_time))
  }
  return [...found, ...nameServers(range)]
}

const success: Option6 = { code: option6.statusCode, data: u16(0) }

const nameServers = ({ nameServers: servers }: AddressRange): Option6[] =>
  servers.length === 0
    ? []
    : [{ code: option6.domainServer, data: Buffer.concat(servers.map(ipv6ToBytes)) }]

function bootOptions(
  ctx: NetbootContext,
  machine: Machine,
  { received, ownAddress }: Dhcp6Question,
) {
  const { message } = received
  const boots = machine.bootsHere && bootsNetwork(machine.plan) && isNetworkBoot6(message)
  if (!boots || machine.plan === null) return { url: null, options: [] }
  const http = isHttpClient6(message)
  const client = { architecture: architectureFor6(message), ipxe: isIpxe6(message), http }
  const url = bootUrl6(ctx.config, machine.plan, machine.properties, client, ownAddress)
  const options = [{ code: option6.bootFileUrl, data: Buffer.from(url) }]
  return { url, options: http ? [...options, httpClass()] : options }
}

/** Without it UEFI HTTP boot passes the answer over. */
function httpClass(): Option6 {
  const name = Buffer.from('HTTPClient')
  return {
    code: option6.vendorClass,
    data: Buffer.concat([u32(pxeEnterprise), u16(name.length), name]),
  }
}

/** Puts the answer into the envelopes the question came in (RFC 8415, 19.3). */
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
