// Requests of the kinds that RFC 2131 sections 4.3.2 and 4.3.5, RFC 3011, RFC 3527 and RFC 5107 are
// about, and the answers that dnsmasq gave to the same bytes.
import { beforeAll, describe, expect, it } from 'vitest'
import { answerDhcp4 } from '../../src/netboot/dhcp4.js'
import type { Dhcp4Policy } from '../../src/netboot/dhcp4.js'
import { readRange } from '../../src/netboot/ranges.js'
import { sameIpv4Network } from '../../src/protocols/dhcp/addresses.js'
import { option } from '../../src/protocols/dhcp/v4/options.js'
import { decodeDhcpv4 } from '../../src/protocols/dhcp/v4/packet.js'
import type { Dhcpv4Packet } from '../../src/protocols/dhcp/v4/packet.js'
import { kindOf, macOf } from '../../src/protocols/dhcp/v4/questions.js'
import { destinationOf } from '../../src/protocols/dhcp/v4/reply.js'
import recorded from './fixtures/dnsmasq4.json' with { type: 'json' }
import { netbootBed } from './_bed.js'

const bed = netbootBed()
const netmask = '255.255.255.0'
const links = [
  { name: 'va', address: '10.77.1.1', netmask },
  { name: 'vb', address: '10.77.3.1', netmask },
] as const
const policy: Dhcp4Policy = {
  ranges: [
    '10.77.1.100-10.77.1.109/24,router=10.77.1.1',
    '10.77.2.100-10.77.2.110/24,router=10.77.2.1',
    '10.77.3.100-10.77.3.101/24',
    '10.77.3.200-10.77.3.210/24',
  ].map(readRange),
  ownAddresses: links.map(({ address }) => address),
}

interface Exchange {
  readonly scenario: string
  readonly from: string
  readonly to: string
  readonly request: string
  readonly answer: string | null
  readonly at: string | null
}
const exchanges: readonly Exchange[] = recorded.exchanges

beforeAll(async () => {
  const macs = exchanges.map(({ request }) => macOf(decodeDhcpv4(Buffer.from(request, 'hex'))))
  for (const mac of new Set(macs)) await bed.machine(mac ?? '', null)
})

/** The link a request came in on: dnsmasq's second one had the clients of 10.77.3.0/24. */
const linkOf = ({ from, to }: Exchange) =>
  links.find(({ address }) => to.startsWith(`${address}:`)) ??
  (from.startsWith('10.77.3.') ? links[1] : links[0])

async function ask(exchange: Exchange, request: Dhcpv4Packet) {
  const link = linkOf(exchange)
  const broadcast = exchange.to.startsWith('255.255.255.255')
  const { answer } = await answerDhcp4(bed.ctx, policy, request, { link, broadcast })
  if (answer === null) return null
  const onLink = (address: string) => sameIpv4Network(link.address, address, link.netmask)
  const { address, port } = destinationOf(request, answer.kind, 67, onLink)
  return { packet: answer.packet, at: `${address}:${port}` }
}

/** The fields that two servers agree on. They may choose different addresses of the same network. */
function outline(packet: Dhcpv4Packet) {
  const field = (code: number) => packet.options.get(code)?.toString('hex')
  return {
    kind: kindOf(packet),
    network: packet.yourAddress.split('.').slice(0, 3),
    clientAddress: kindOf(packet) === 'nak' ? null : packet.clientAddress,
    relayAddress: packet.relayAddress,
    server: field(option.serverIdentifier),
    mask: field(option.subnetMask),
    broadcast: field(option.broadcast),
    relayAgent: field(option.relayAgent),
  }
}

/** A server with two addresses may name either: dnsmasq names the one of the interface. */
const mayDiffer = ({ to }: Exchange) => (to.startsWith('10.77.3.1:') ? { server: 'either' } : {})

/** Scenarios of a client that repeats what the server gave it name Ferric's address instead. */
const taken = new Map<string, string>()

function adapted(exchange: Exchange): Dhcpv4Packet {
  const request = decodeDhcpv4(Buffer.from(exchange.request, 'hex'))
  const address = taken.get(macOf(request) ?? '')
  const names = request.options.has(option.requestedAddress) && address !== undefined
  if (!names) return request
  const bytes = Buffer.from(address.split('.').map(Number))
  return { ...request, options: new Map([...request.options, [option.requestedAddress, bytes]]) }
}

describe('the answer of Ferric is the one of dnsmasq to', () => {
  it.each(exchanges.map((exchange) => [exchange.scenario, exchange] as const))(
    '%s',
    async (_scenario, exchange) => {
      const request = adapted(exchange)
      const answer = await ask(exchange, request)
      if (answer !== null) taken.set(macOf(request) ?? '', answer.packet.yourAddress)
      expect(answer?.at ?? null).toBe(exchange.at)
      if (exchange.answer === null || answer === null) return
      const theirs = decodeDhcpv4(Buffer.from(exchange.answer, 'hex'))
      expect({ ...outline(answer.packet), ...mayDiffer(exchange) }).toEqual({
        ...outline(theirs),
        ...mayDiffer(exchange),
      })
    },
  )
})

const exchange = (scenario: string): Exchange => exchanges.find((one) => one.scenario === scenario)!

describe('options', () => {
  it('66 and 67 end with a NUL in the answers of dnsmasq', () => {
    const { options } = decodeDhcpv4(Buffer.from(exchange('relayed discover').answer!, 'hex'))
    expect(options.get(option.tftpServerName)?.toString()).toBe('tftp\0')
    expect(options.get(option.bootFileName)?.toString()).toBe('pxelinux.0\0')
  })

  it('give the router of the network of the client’s address to an INFORM', async () => {
    const inform = exchange('inform unicast')
    const answer = await ask(inform, decodeDhcpv4(Buffer.from(inform.request, 'hex')))
    expect(answer?.packet.options.get(option.router)?.join('.')).toBe('10.77.2.1')
    expect(answer?.packet.options.has(option.leaseTime)).toBe(false)
  })

  it('118 is echoed (RFC 3011)', async () => {
    const selection = exchange('subnet selection')
    const answer = await ask(selection, decodeDhcpv4(Buffer.from(selection.request, 'hex')))
    expect(answer?.packet.options.get(option.subnetSelection)?.join('.')).toBe('10.77.2.0')
  })
})

it('gets no answer for a subnet without a range', async () => {
  const selection = exchange('subnet selection')
  const request = decodeDhcpv4(Buffer.from(selection.request, 'hex'))
  const options = new Map([...request.options, [118, Buffer.from([10, 88, 0, 0])] as const])
  expect(await ask(selection, { ...request, options })).toBeNull()
})

it('ignores a link selection that no relay has put there', async () => {
  const selection = exchange('link selection')
  const request = decodeDhcpv4(Buffer.from(selection.request, 'hex'))
  const onLink = { ...selection, to: '255.255.255.255:67' }
  const answer = await ask(onLink, { ...request, relayAddress: '0.0.0.0' })
  expect(answer?.packet.yourAddress).toMatch(/^10\.77\.1\./)
})
