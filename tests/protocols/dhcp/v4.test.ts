import { describe, expect, it } from 'vitest'
import { DhcpProtocolError } from '../../../src/protocols/dhcp/errors.js'
import { decodeNested, option } from '../../../src/protocols/dhcp/v4/options.js'
import { decodeDhcpv4, encodeDhcpv4 } from '../../../src/protocols/dhcp/v4/packet.js'
import type { Dhcpv4Packet } from '../../../src/protocols/dhcp/v4/packet.js'
import {
  architectureFor,
  isHttpClient,
  isIpxe,
  isNetworkBoot,
  isPxeClient,
  kindOf,
  macOf,
  requestedAddressOf,
  selectedSubnetOf,
  serverIdentifierOf,
  serverOverrideOf,
  userClassesOf,
} from '../../../src/protocols/dhcp/v4/questions.js'
import { destinationOf, replyTo } from '../../../src/protocols/dhcp/v4/reply.js'
import { randomBytes } from '../_random.js'
import { captured, capturedAs } from './_captured.js'

const all = captured('v4')
const packet = (scenario: string): Dhcpv4Packet => decodeDhcpv4(capturedAs('v4', scenario).bytes)

const bios = { cpu: 'x86_64', firmware: 'bios', http: false }
const uefi = { cpu: 'x86_64', firmware: 'uefi', http: false }
const clients = [
  { scenario: 'udhcpc discover', mac: '01', kind: 'discover', arch: null },
  { scenario: 'dhclient request', mac: '01', kind: 'request', arch: null },
  {
    scenario: 'iPXE (BIOS) discover',
    mac: '02',
    kind: 'discover',
    arch: bios,
    ipxe: true,
    pxe: true,
  },
  { scenario: 'OVMF PXE discover', mac: '03', kind: 'discover', arch: uefi, pxe: true },
  {
    scenario: 'iPXE (UEFI) request',
    mac: '03',
    kind: 'request',
    arch: uefi,
    ipxe: true,
    pxe: true,
  },
  {
    scenario: 'OVMF HTTP discover',
    mac: '03',
    kind: 'discover',
    arch: { ...uefi, http: true },
    http: true,
  },
] as const

describe('a captured packet', () => {
  it.each(clients)('of $scenario is understood', (client) => {
    const request = packet(client.scenario)
    const [ipxe, pxe, http] = ['ipxe', 'pxe', 'http'].map((key) => key in client)
    expect(kindOf(request)).toBe(client.kind)
    expect(macOf(request)).toBe(`52:54:00:12:34:${client.mac}`)
    expect(architectureFor(request)).toEqual(client.arch)
    expect([isIpxe(request), isPxeClient(request), isHttpClient(request)]).toEqual([
      ipxe,
      pxe,
      http,
    ])
    expect(isNetworkBoot(request)).toBe(client.arch !== null)
  })

  it.each(all)('of $scenario stays the same when it is decoded and encoded', ({ bytes }) => {
    const first = decodeDhcpv4(bytes)
    const again = decodeDhcpv4(encodeDhcpv4(first))
    expect(again).toEqual({ ...first, options: again.options })
    expect(Object.fromEntries(again.options)).toEqual(Object.fromEntries(first.options))
  })

  it.each(all)('of $scenario is read or refused when it is cut anywhere', ({ bytes }) => {
    const cuts = Array.from({ length: bytes.length }, (_, length) => length)
    const read = cuts.filter((length) => attempt(bytes.subarray(0, length)) !== undefined)
    expect(read.every((length) => length >= 240)).toBe(true)
  })

  it('has addresses', () => {
    const request = packet('iPXE (BIOS) request')
    expect(serverIdentifierOf(request)).toBe('192.0.2.1')
    expect(requestedAddressOf(request)).toMatch(/^192\.0\.2\./)
    const answer = packet('dnsmasq to OVMF PXE ack')
    expect(answer).toMatchObject({ op: 2, nextServer: '192.0.2.1' })
    expect(answer.options.get(option.bootFileName)?.toString()).toBe('snponly.efi\0')
  })
})

describe('options', () => {
  const base = packet('udhcpc discover')
  const withOptions = (options: [number, Buffer][]) =>
    decodeDhcpv4(encodeDhcpv4({ ...base, options: new Map(options) }))

  it('are split over 255 bytes and joined again (RFC 3396)', () => {
    const long = Buffer.alloc(700, 'u')
    expect(withOptions([[option.bootFileName, long]]).options.get(67)).toEqual(long)
  })

  it('continue in the file and sname fields when overloaded', () => {
    const bytes = Buffer.alloc(300)
    encodeDhcpv4({ ...base, options: new Map([[option.overload, Buffer.from([3])]]) }).copy(bytes)
    Buffer.from([12, 2, 0x61, 0x62, 255]).copy(bytes, 108)
    Buffer.from([66, 1, 0x63, 255]).copy(bytes, 44)
    const read = decodeDhcpv4(bytes)
    expect([read.file, read.serverName]).toEqual(['', ''])
    expect(read.options.get(option.hostName)?.toString()).toBe('ab')
    expect(read.options.get(option.tftpServerName)?.toString()).toBe('c')
  })

  it.each([
    ['04695058450162', ['iPXE', 'b']],
    ['69505845', ['iPXE']],
    ['', []],
  ])('user class %s', (hex, classes) => {
    const request = { ...base, options: new Map([[option.userClass, Buffer.from(hex, 'hex')]]) }
    expect(userClassesOf(request)).toEqual(classes)
  })

  it.each(['ff', '01', '0105', '000601'])(
    'inside an option are read as far as they go: %s',
    (hex) => {
      expect(decodeNested(Buffer.from(hex, 'hex')).size).toBe(0)
    },
  )

  it('give the architecture in the vendor class when option 93 is missing', () => {
    const vendor = Buffer.from('PXEClient:Arch:00011:UNDI:003000')
    const request = { ...base, options: new Map([[option.vendorClass, vendor]]) }
    expect(architectureFor(request)).toMatchObject({ cpu: 'aarch64', firmware: 'uefi' })
  })
})

describe('a damaged packet', () => {
  const base = packet('udhcpc discover')
  const bytesOf = (options: Iterable<[number, Buffer]>) =>
    encodeDhcpv4({ ...base, options: new Map(options) })
  const discover: [number, Buffer] = [option.messageType, Buffer.from([1])]

  it('is read up to an option that is cut', () => {
    const bytes = Buffer.concat([
      bytesOf([discover]).subarray(0, 243),
      Buffer.from('0c28686f', 'hex'),
    ])
    const read = decodeDhcpv4(bytes)
    expect([kindOf(read), read.options.has(option.hostName)]).toEqual(['discover', false])
  })

  it('is read with garbage in its overloaded fields', () => {
    const bytes = bytesOf([discover, [option.overload, Buffer.from([3])]])
    bytes.fill(0x55, 44, 236)
    expect(kindOf(decodeDhcpv4(bytes))).toBe('discover')
  })

  it('has a MAC address though its length is that of the field', () => {
    expect(macOf({ ...base, hardwareLength: 16 })).toBe(macOf(base))
    expect(macOf({ ...base, hardwareLength: 0 })).toBeNull()
  })
})

describe('a reply', () => {
  const request = packet('OVMF PXE request')
  const reply = (over: Partial<Dhcpv4Packet> = {}, kind: 'ack' | 'nak' = 'ack') =>
    replyTo({ ...request, ...over }, { kind, server: '192.0.2.1', options: new Map() })

  it('echoes the transaction, the machine identifier and option 82', () => {
    const options = new Map([...request.options, [option.relayAgent, Buffer.from('0104')] as const])
    const made = reply({ options })
    expect(made).toMatchObject({ op: 2, transaction: request.transaction })
    expect(made.options.get(option.machineIdentifier)).toEqual(request.options.get(97))
    expect([...decodeDhcpv4(encodeDhcpv4(made)).options.keys()].at(-1)).toBe(option.relayAgent)
  })

  it.each([
    [{}, 'ack', '255.255.255.255', 68],
    [{ clientAddress: '192.0.2.9' }, 'ack', '192.0.2.9', 68],
    [{ clientAddress: '192.0.2.9' }, 'nak', '255.255.255.255', 68],
    [{ clientAddress: '198.51.100.9' }, 'nak', '198.51.100.9', 68],
    [{ relayAddress: '198.51.100.1' }, 'ack', '198.51.100.1', 67],
  ] as const)('to %o goes (%s) to %s:%i', (over, kind, address, port) => {
    expect(
      destinationOf({ ...request, ...over }, kind, 67, (one) => one.startsWith('192.0.2.')),
    ).toEqual({ address, port })
  })

  it('makes the relay broadcast a refusal', () => {
    expect(reply({ relayAddress: '198.51.100.1' }, 'nak').broadcast).toBe(true)
  })
})

it('survives 100,000 malformed packets', () => {
  let read = 0
  const near = all.map(({ bytes }) => bytes)
  for (const bytes of randomBytes({ seed: 11, count: 100_000, most: 600, near })) {
    if (attempt(bytes) !== undefined) read += 1
  }
  expect(read).toBeGreaterThan(1000)
})

const questions: readonly ((packet: Dhcpv4Packet) => unknown)[] = [
  kindOf,
  macOf,
  architectureFor,
  userClassesOf,
  requestedAddressOf,
  selectedSubnetOf,
  serverOverrideOf,
]

/** The answers to the questions, or undefined for a packet that is refused; anything else is a crash. */
function attempt(bytes: Buffer) {
  try {
    const read = decodeDhcpv4(bytes)
    const relayed = { ...read, relayAddress: '192.0.2.1' }
    return questions.map((question) => question(relayed))
  } catch (error) {
    if (error instanceof DhcpProtocolError) return undefined
    throw error
  }
}
