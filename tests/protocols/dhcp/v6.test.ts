import { describe, expect, it } from 'vitest'
import {
  bytesToIpv6,
  ipv6ToBytes,
  macOfLinkLocal,
  sameIpv4Network,
  broadcastOf,
} from '../../../src/protocols/dhcp/addresses.js'
import { DhcpProtocolError } from '../../../src/protocols/dhcp/errors.js'
import { option6, statusCode } from '../../../src/protocols/dhcp/v6/options.js'
import {
  addressOption6,
  decodeDhcpv6,
  encodeDhcpv6,
  identityAssociation,
  statusOption,
} from '../../../src/protocols/dhcp/v6/packet.js'
import type { Dhcpv6Packet } from '../../../src/protocols/dhcp/v6/packet.js'
import {
  architectureFor6,
  associations,
  isHttpClient6,
  isIpxe6,
  isNetworkBoot6,
  isValidRequest,
  linkAddressOf,
  macOf6,
  unwrap,
  requestsOption,
} from '../../../src/protocols/dhcp/v6/questions.js'
import { randomBytes } from '../_random.js'
import { captured, capturedAs } from './_captured.js'

const all = captured('v6')

const clients = [
  {
    scenario: 'dhclient solicit',
    mac: '01',
    ipxe: false,
    http: false,
    boots: false,
    cpu: undefined,
  },
  { scenario: 'iPXE request', mac: '02', ipxe: true, http: false, boots: true, cpu: 'x86_64' },
  { scenario: 'OVMF PXE solicit', mac: '03', ipxe: false, http: false, boots: true, cpu: 'x86_64' },
  { scenario: 'OVMF HTTP solicit', mac: '03', ipxe: false, http: true, boots: true, cpu: 'x86_64' },
]

describe('a captured message', () => {
  it.each(clients)('of $scenario is understood', (client) => {
    const { bytes, from } = capturedAs('v6', client.scenario)
    const { message, relays } = unwrap(decodeDhcpv6(bytes))
    expect(macOf6({ message, relays }, from ?? '')).toBe(`52:54:00:12:34:${client.mac}`)
    expect(isIpxe6(message)).toBe(client.ipxe)
    expect(isHttpClient6(message)).toBe(client.http)
    expect(isNetworkBoot6(message)).toBe(client.boots)
    expect(requestsOption(message, option6.bootFileUrl)).toBe(client.boots)
    expect(architectureFor6(message)?.cpu).toBe(client.cpu)
    expect(associations(message)).toHaveLength(1)
  })

  it.each(all)('of $scenario stays the same when it is decoded and encoded', ({ bytes }) => {
    expect(encodeDhcpv6(decodeDhcpv6(bytes))).toEqual(bytes)
  })

  it.each(all)('of $scenario is read or refused when it is cut anywhere', ({ bytes, from }) => {
    const cuts = Array.from({ length: bytes.length }, (_, length) => length)
    const read = cuts.filter((length) => attempt(bytes.subarray(0, length), from) !== undefined)
    // A cut between two options leaves a message with fewer of them.
    expect(read.length).toBeLessThan(decodeDhcpv6(bytes).options.length + 1)
  })

  it('has the address of its association', () => {
    const { bytes } = capturedAs('v6', 'OVMF request')
    const { message } = unwrap(decodeDhcpv6(bytes))
    expect(associations(message)[0]?.addresses).toEqual(['2001:db8::13a'])
  })
})

describe('relays', () => {
  const inner = capturedAs('v6', 'iPXE solicit').bytes
  const envelope = (data: Buffer, extra: { code: number; data: Buffer }[] = []): Dhcpv6Packet => ({
    type: 'relay-forward',
    hops: 0,
    linkAddress: '2001:db8:1::1',
    peerAddress: 'fe80::5054:ff:feab:cdef',
    options: [...extra, { code: option6.relayMessage, data }],
  })

  it('are removed from around the message', () => {
    const bytes = encodeDhcpv6(envelope(encodeDhcpv6(envelope(inner))))
    const { message, relays } = unwrap(decodeDhcpv6(bytes))
    expect(relays.map(({ linkAddress }) => linkAddress)).toEqual(['2001:db8:1::1', '2001:db8:1::1'])
    expect(encodeDhcpv6(message)).toEqual(inner)
  })

  it('give the MAC in an option or in the peer address', () => {
    const option = { code: option6.clientLinkLayer, data: Buffer.from('0001525400ffffff', 'hex') }
    expect(macOf6(unwrap(envelope(inner, [option])), '')).toBe('52:54:00:ff:ff:ff')
    expect(macOf6(unwrap(envelope(inner)), '')).toBe('52:54:00:ab:cd:ef')
  })

  it('are refused without a message', () => {
    const empty = { ...envelope(inner), options: [] }
    expect(() => unwrap(empty)).toThrow(DhcpProtocolError)
  })

  it('are refused when they are nested too deeply', () => {
    let bytes: Buffer = inner
    for (let i = 0; i < 20; i++) bytes = encodeDhcpv6(envelope(bytes))
    expect(() => unwrap(decodeDhcpv6(bytes))).toThrow(DhcpProtocolError)
  })
})

it('encodes an association with an address, and one with a status', () => {
  const association = { code: option6.nonTemporaryAddress, iaid: 7 }
  const bound = identityAssociation(association, [addressOption6('2001:db8::5', 60)], 60)
  const refused = identityAssociation(association, [statusOption(statusCode.noAddresses)])
  expect(bound.data.toString('hex')).toBe(
    '00000007' +
      '0000001e' +
      '00000030' +
      '0005' +
      '0018' +
      `20010db8${'0'.repeat(23)}5` +
      '0000003c0000003c',
  )
  expect(refused.data.toString('hex')).toBe('000000070000000000000000000d00020002')
})

describe('addresses', () => {
  it.each(['::', '::1', '2001:db8::5', 'fe80::5054:ff:fe12:3402', '1:2:3:4:5:6:7:8', '1:0:0:2::3'])(
    '%s',
    (text) => {
      expect(bytesToIpv6(ipv6ToBytes(text))).toBe(text)
    },
  )

  it('with a dotted end and a scope', () => {
    expect(bytesToIpv6(ipv6ToBytes('::ffff:192.0.2.1'))).toBe('::ffff:c000:201')
    expect(macOfLinkLocal('fe80::5054:ff:fe12:3402%eth0')).toBe('52:54:00:12:34:02')
    expect(macOfLinkLocal('fe80::1')).toBeNull()
  })

  it('of IPv4 networks', () => {
    expect(sameIpv4Network('192.0.2.1', '192.0.2.200', '255.255.255.0')).toBe(true)
    expect(sameIpv4Network('192.0.2.1', '192.0.3.1', '255.255.255.0')).toBe(false)
    expect(broadcastOf('192.0.2.1', '255.255.255.128')).toBe('192.0.2.127')
  })
})

it('survives 100,000 malformed packets', () => {
  let read = 0
  const near = all.map(({ bytes }) => bytes)
  for (const bytes of randomBytes({ seed: 13, count: 100_000, most: 300, near })) {
    if (attempt(bytes, 'fe80::1') !== undefined) read += 1
  }
  expect(read).toBeGreaterThan(1000)
})

/** The answers to the questions, or undefined for a packet that is refused; anything else is a crash. */
function attempt(bytes: Buffer, from = 'fe80::1') {
  try {
    const received = unwrap(decodeDhcpv6(bytes))
    const { message } = received
    return [
      macOf6(received, from),
      isNetworkBoot6(message),
      architectureFor6(message),
      associations(message),
      isValidRequest(message, Buffer.alloc(0)),
      linkAddressOf(received),
    ]
  } catch (error) {
    if (error instanceof DhcpProtocolError) return undefined
    throw error
  }
}
