import { option6, statusCode } from '../protocols/dhcp/v6/options.js'
import type { Option6, StatusCode } from '../protocols/dhcp/v6/options.js'
import { addressOption6, identityAssociation, statusOption } from '../protocols/dhcp/v6/packet.js'
import type { Association, Dhcpv6Message } from '../protocols/dhcp/v6/packet.js'
import { associations } from '../protocols/dhcp/v6/questions.js'
import {
  declineLease,
  leaseAddress,
  mostAssociations,
  offerAddress,
  releaseLease,
  renewLease,
} from './leases.js'
import type { AddressPool, LeaseHolder } from './leases.js'
import type { NetbootContext } from './machines.js'
import { inNetwork } from './ranges.js'

/**
 * What DHCPv6 does to the addresses of a machine (RFC 8415, 18.3). Each identity association of a
 * message has an address of its own, up to a number of them. Temporary addresses and prefixes are not given out.
 */

interface Exchange {
  readonly ctx: NetbootContext
  readonly pool: AddressPool
  readonly mac: string
  readonly message: Dhcpv6Message
}

/**
 * Acts on the associations of a message and returns the options that answer it; null when the
 * message is to be discarded.
 */
export async function bindAddresses(
  ctx: NetbootContext,
  pool: AddressPool,
  mac: string,
  message: Dhcpv6Message,
): Promise<Option6[] | null> {
  const exchange = { ctx, pool, mac, message }
  const named = associations(message)
  switch (message.type) {
    case 'confirm':
      return confirm(pool, named)
    case 'decline':
    case 'release':
      return giveUp(exchange, named)
    case 'solicit':
    case 'request':
    case 'renew':
    case 'rebind':
      return bindAll(exchange, named)
    default:
      return null
  }
}

/** A machine that woke up asks whether its addresses fit the link (RFC 8415, 18.3.3). */
function confirm(pool: AddressPool, named: readonly Association[]): Option6[] | null {
  const addresses = named.flatMap((one) => one.addresses)
  if (addresses.length === 0) return null
  const fits = addresses.every((address) => isOnLink(pool, address))
  return [statusOption(fits ? statusCode.success : statusCode.notOnLink)]
}

/** DECLINE and RELEASE (RFC 8415, 18.3.7 and 18.3.8). */
async function giveUp(
  { ctx, mac, message }: Exchange,
  named: readonly Association[],
): Promise<Option6[]> {
  const change = message.type === 'decline' ? declineLease : releaseLease
  const unknown: Option6[] = []
  for (const association of named.slice(0, mostAssociations)) {
    let bound = false
    for (const address of association.addresses.slice(0, mostAssociations)) {
      if (await change(ctx, mac, address)) bound = true
    }
    if (!bound) unknown.push(refused(association, statusCode.noBinding))
  }
  return [...unknown, statusOption(statusCode.success)]
}

async function bindAll(exchange: Exchange, named: readonly Association[]): Promise<Option6[]> {
  const answers: Option6[] = []
  for (const [index, association] of named.entries()) {
    answers.push(
      index < mostAssociations && association.code === option6.nonTemporaryAddress
        ? await bind(exchange, association)
        : refused(association, unavailable(association)),
    )
  }
  return answers
}

const unavailable = ({ code }: Association): StatusCode =>
  code === option6.prefixDelegation ? statusCode.noPrefixes : statusCode.noAddresses

const refused = (association: Association, status: StatusCode): Option6 =>
  identityAssociation(association, [statusOption(status)])

const isOnLink = ({ ranges }: AddressPool, address: string): boolean =>
  ranges.some((range) => inNetwork(range, address))

async function bind(exchange: Exchange, association: Association): Promise<Option6> {
  const { ctx, pool, mac, message } = exchange
  const holder: LeaseHolder = { mac, association: association.iaid }
  const [address = null] = association.addresses
  if (message.type === 'renew') return renew(ctx, holder, association)
  if (message.type === 'rebind') return rebind(exchange, holder, association)
  if (message.type === 'request' && address !== null && !isOnLink(pool, address)) {
    return refused(association, statusCode.notOnLink)
  }
  const offered = await offerAddress(ctx, pool, holder, address)
  if (offered === null) {
    ctx.log.boot.error(
      { mac, iaid: association.iaid },
      'no address is free for an enrolled machine',
    )
    return refused(association, statusCode.noAddresses)
  }
  const leases = message.type === 'request' || isRapid(message)
  if (!leases) return bound(ctx, association, offered)
  const isLeased = await leaseAddress(ctx, pool, holder, offered, { selecting: true })
  return isLeased ? bound(ctx, association, offered) : refused(association, statusCode.noAddresses)
}

const isRapid = ({ options }: Dhcpv6Message): boolean =>
  options.some(({ code }) => code === option6.rapidCommit)

/** @returns the association with its address, or that the server has no binding for it (18.3.4) */
async function renew(
  ctx: NetbootContext,
  holder: LeaseHolder,
  association: Association,
): Promise<Option6> {
  for (const address of association.addresses.slice(0, mostAssociations)) {
    if (await renewLease(ctx, holder, address)) return bound(ctx, association, address)
  }
  return refused(association, statusCode.noBinding)
}

/** Any server may answer a REBIND: it takes the address over, or tells the client to drop it (18.3.5). */
async function rebind(
  { ctx, pool }: Exchange,
  holder: LeaseHolder,
  association: Association,
): Promise<Option6> {
  const [address] = association.addresses
  if (address === undefined) return refused(association, statusCode.noBinding)
  const isLeased = await leaseAddress(ctx, pool, holder, address, { selecting: false })
  return isLeased
    ? bound(ctx, association, address)
    : identityAssociation(association, [addressOption6(address, 0)])
}

function bound({ config }: NetbootContext, association: Association, address: string): Option6 {
  const lifetime = config.ferric.dhcp_lease_time
  return identityAssociation(association, [addressOption6(address, lifetime)], lifetime)
}
