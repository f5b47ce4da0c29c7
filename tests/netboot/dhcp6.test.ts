import { beforeAll, describe, expect, it } from 'vitest'
import type { Dhcp4Policy } from '../../src/netboot/dhcp4.js'
import { answerDhcp6 } from '../../src/netboot/dhcp6.js'
import { readRange } from '../../src/netboot/ranges.js'
import { ipv6ToBytes } from '../../src/protocols/dhcp/addresses.js'
import { option6 } from '../../src/protocols/dhcp/v6/options.js'
import { decodeDhcpv6, encodeDhcpv6, u16 } from '../../src/protocols/dhcp/v6/packet.js'
import type { Dhcpv6Message, Dhcpv6Packet } from '../../src/protocols/dhcp/v6/packet.js'
import { associations, optionOf, unwrap } from '../../src/protocols/dhcp/v6/questions.js'
import { capturedAs } from '../protocols/dhcp/_captured.js'
import recorded from './fixtures/dnsmasq6.json' with { type: 'json' }
import { netbootBed, ramdiskPlan } from './_bed.js'

const bed = netbootBed({ ferric: { boot_http_port: 8080 } })
const serverId = Buffer.from('0004aa', 'hex')
const policy: Dhcp4Policy = {
  ranges: [
    '2001:db8::10-2001:db8::1f/64',
    '2001:db8:2::10-2001:db8:2::1f/64',
    '2001:db8:77:1::100-2001:db8:77:1::1ff/64',
  ].map(readRange),
  ownAddresses: ['2001:db8::1', '2001:db8:2::1', '2001:db8:77:1::1'],
}
const none: Dhcp4Policy = { ranges: [], ownAddresses: [] }

beforeAll(async () => {
  for (const mac of ['52:54:00:12:34:01', '52:54:00:12:34:02', '52:54:00:12:34:03'])
    await bed.machine(mac, ramdiskPlan(bed.dir))
  for (const last of ['01', '02', '03', '04', '05', '99'])
    await bed.machine(`52:54:00:77:07:${last}`, null)
})

interface Place {
  readonly from?: string
  readonly ownAddresses?: readonly string[]
}

async function ask(bytes: Buffer, { from = 'fe80::1', ownAddresses }: Place = {}, as = policy) {
  const received = unwrap(decodeDhcpv6(bytes))
  const question = { received, from, ownAddresses: ownAddresses ?? ['2001:db8::1'], serverId }
  const { answer } = await answerDhcp6(bed.ctx, as, question)
  return answer === null ? null : innermost(answer)
}

/** The message inside the envelopes of relays. */
function innermost(packet: Dhcpv6Packet): Dhcpv6Message {
  if ('transaction' in packet) return packet
  return innermost(decodeDhcpv6(optionOf(packet, option6.relayMessage) ?? Buffer.alloc(0)))
}

const askCaptured = (scenario: string, place: Place = {}, as = policy) => {
  const { bytes, from = '' } = capturedAs('v6', scenario)
  return ask(bytes, { from, ...place }, as)
}

describe('a machine that boots', () => {
  it.each([
    ['dhclient solicit', undefined],
    ['iPXE solicit', 'http://[2001:db8::1]:8080/boot.ipxe'],
    ['OVMF PXE solicit', 'tftp://[2001:db8::1]/snponly.efi'],
    ['OVMF HTTP solicit', 'http://[2001:db8::1]:8080/snponly.efi'],
  ])('gets an address and the boot file for %s: %s', async (scenario, url) => {
    const answer = await askCaptured(scenario)
    expect(answer?.type).toBe('advertise')
    expect(associations(answer!)[0]?.addresses[0]).toMatch(/^2001:db8::1[0-9a-f]$/)
    expect(optionOf(answer!, option6.bootFileUrl)?.toString()).toBe(url)
    expect(optionOf(answer!, option6.serverId)).toEqual(serverId)
  })

  it('gets no answer without a range, or when it names another server', async () => {
    expect(await askCaptured('OVMF PXE solicit', {}, none)).toBeNull()
    expect(await askCaptured('OVMF PXE request')).toBeNull()
  })

  it('gets the file for the first supported architecture of its list', async () => {
    const { bytes } = capturedAs('v6', 'OVMF PXE solicit')
    const message = decodeDhcpv6(bytes) as Dhcpv6Message
    const options = message.options.map((one) =>
      one.code === option6.clientArchitecture ? { ...one, data: u16(0xfff0, 7, 0) } : one,
    )
    const answer = await ask(encodeDhcpv6({ ...message, options }))
    expect(optionOf(answer!, option6.bootFileUrl)?.toString()).toBe(
      'tftp://[2001:db8::1]/snponly.efi',
    )
  })

  it('behind a relay on the second link boots from the address of that link', async () => {
    const { bytes, from = '' } = capturedAs('v6', 'OVMF PXE solicit')
    const relayed = encodeDhcpv6({
      type: 'relay-forward',
      hops: 0,
      linkAddress: '2001:db8:2::fe',
      peerAddress: from.split('%')[0] ?? '',
      options: [{ code: option6.relayMessage, data: bytes }],
    })
    const place = { from: '2001:db8:2::fe', ownAddresses: ['2001:db8:2::1'] }
    const answer = await ask(relayed, place)
    expect(optionOf(answer!, option6.bootFileUrl)?.toString()).toBe(
      'tftp://[2001:db8:2::1]/snponly.efi',
    )
    expect(associations(answer!)[0]?.addresses[0]).toMatch(/^2001:db8:2::1/)
  })

  it('behind a relay without a link address is on the link of the next relay (RFC 6221)', async () => {
    const { bytes, from = '' } = capturedAs('v6', 'OVMF PXE solicit')
    const peerAddress = from.split('%')[0] ?? ''
    const envelope = (linkAddress: string, data: Buffer) =>
      encodeDhcpv6({
        type: 'relay-forward',
        hops: 0,
        linkAddress,
        peerAddress,
        options: [{ code: option6.relayMessage, data }],
      })
    const answer = await ask(envelope('2001:db8:2::fe', envelope('::', bytes)))
    expect(associations(answer!)[0]?.addresses[0]).toMatch(/^2001:db8:2::1/)
  })
})

interface Outline {
  readonly type: string
  readonly status?: number | undefined
  /** Code, identifier, status, number of addresses with a lifetime. */
  readonly associations: readonly (readonly [number, number, number | null, number])[]
}

function outline(message: Dhcpv6Message): Outline {
  const own = message.options
    .filter(({ code }) => code === option6.statusCode)
    .map(({ data }) => data.readUInt16BE(0))
  const ias = message.options.filter(({ code }) => [3, 4, 25].includes(code))
  return {
    type: message.type,
    status: own.find((status) => status !== 0),
    associations: ias.map(({ code, data }) => {
      const inner = decodeDhcpv6(
        Buffer.concat([Buffer.from([7, 0, 0, 0]), data.subarray(code === 4 ? 4 : 12)]),
      ).options
      const status = inner.find((one) => one.code === option6.statusCode)?.data.readUInt16BE(0)
      const live = inner.filter(
        (one) => one.code === option6.address && one.data.readUInt32BE(20) > 0,
      )
      return [code, data.readUInt32BE(0), status ?? null, live.length] as const
    }),
  }
}

/** Where Ferric answers otherwise than dnsmasq, and why. */
const different: Readonly<Record<string, Outline>> = {
  // RFC 8415, 18.3.4: no binding is no binding.
  'renew unknown IA without address': { type: 'reply', associations: [[3, 7, 3, 0]] },
  // The lifetime of 0 says it; the other associations of the message may have addresses.
  'rebind unknown off link': { type: 'reply', associations: [[3, 7, null, 0]] },
  'request off link': { type: 'reply', associations: [[3, 1, 4, 0]] },
  // RFC 8415, 18.3.9: the status stands in the association. Temporary addresses are not leased out.
  'IA_PD alone solicit': { type: 'advertise', associations: [[25, 1, 6, 0]] },
  'IA_PD alone request': { type: 'reply', associations: [[25, 1, 6, 0]] },
  'IA_TA alone solicit': { type: 'advertise', associations: [[4, 1, 2, 0]] },
  'IA_NA and IA_PD solicit': {
    type: 'advertise',
    associations: [
      [3, 1, null, 1],
      [25, 1, 6, 0],
    ],
  },
  'solicit without an IA': { type: 'advertise', associations: [] },
}

describe('the answer of Ferric is the one of dnsmasq to', () => {
  const theirId = '0003000182a657e405c0'
  /** Addresses of dnsmasq, and the ones that Ferric gave in their place. */
  const ours = new Map<string, string>()
  const hexOf = (address: string) => ipv6ToBytes(address).toString('hex')

  it.each(recorded.exchanges.map((one) => [one.scenario, one] as const))(
    '%s',
    async (scenario, exchange) => {
      let hex = exchange.request.replace(
        `0002000a${theirId}`,
        `0002${serverId.length.toString(16).padStart(4, '0')}${serverId.toString('hex')}`,
      )
      for (const [theirs, mine] of ours) hex = hex.replaceAll(hexOf(theirs), hexOf(mine))
      const answer = await ask(Buffer.from(hex, 'hex'), { ownAddresses: ['2001:db8:77:1::1'] })
      const theirs =
        exchange.answer === null
          ? null
          : (decodeDhcpv6(Buffer.from(exchange.answer, 'hex')) as Dhcpv6Message)
      if (answer !== null && theirs !== null) {
        for (const [i, { addresses }] of associations(theirs).entries()) {
          const mine = associations(answer)[i]?.addresses[0]
          if (addresses[0] !== undefined && mine !== undefined) ours.set(addresses[0], mine)
        }
      }
      expect(answer && outline(answer)).toEqual(different[scenario] ?? (theirs && outline(theirs)))
    },
  )

  it('two associations of one machine with two addresses', () => {
    const addresses = ['2001:db8:77:1::138', '2001:db8:77:1::1b9'].map((one) => ours.get(one))
    expect(new Set(addresses).size).toBe(2)
  })

  it('a SOLICIT after a DECLINE with another address', () => {
    expect(ours.get('2001:db8:77:1::139')).not.toBe(ours.get('2001:db8:77:1::138'))
  })
})

it('bounds the addresses of a machine that asks for many', async () => {
  const association = (iaid: number) =>
    Buffer.concat([Buffer.from([0, 3, 0, 12]), Buffer.from([0, 0, 0, iaid]), Buffer.alloc(8)])
  const client = Buffer.from('0001000a00030001525400770704', 'hex')
  const addresses = new Set<string>()
  for (let first = 1; first < 100; first += 20) {
    const ids = Array.from({ length: 20 }, (_, i) => association(first + i))
    const message = Buffer.concat([Buffer.from([1, 0, 0, first]), client, ...ids])
    const answer = await ask(message, { ownAddresses: ['2001:db8:77:1::1'] })
    const leased = associations(answer!).flatMap((one) => one.addresses)
    expect(leased).toHaveLength(8)
    for (const one of leased) addresses.add(one)
  }
  expect(addresses.size).toBeLessThanOrEqual(8)
})
