import { beforeAll, describe, expect, it } from 'vitest'
import { answerDhcp4 } from '../../src/netboot/dhcp4.js'
import type { Dhcp4Policy } from '../../src/netboot/dhcp4.js'
import { answerDhcp6 } from '../../src/netboot/dhcp6.js'
import { leaseFor } from '../../src/netboot/leases.js'
import { readRange } from '../../src/netboot/ranges.js'
import { decodeNested, option } from '../../src/protocols/dhcp/v4/options.js'
import { decodeDhcpv4 } from '../../src/protocols/dhcp/v4/packet.js'
import type { Dhcpv4Packet } from '../../src/protocols/dhcp/v4/packet.js'
import { option6 } from '../../src/protocols/dhcp/v6/options.js'
import { decodeDhcpv6 } from '../../src/protocols/dhcp/v6/packet.js'
import { associations, optionOf, unwrap } from '../../src/protocols/dhcp/v6/questions.js'
import { capturedAs } from '../protocols/dhcp/_captured.js'
import { netbootBed, ramdiskPlan } from './_bed.js'

const bed = netbootBed({ ferric: { boot_http_port: 8080 } })
const link = { name: 'eth0', address: '192.0.2.1', netmask: '255.255.255.0' }
const full: Dhcp4Policy = {
  ranges: [
    '192.0.2.100-192.0.2.110/24,router=192.0.2.254,dns=192.0.2.53',
    '2001:db8::10-2001:db8::1f/64',
  ].map(readRange),
  ownAddresses: ['192.0.2.1', '192.0.2.100'],
}
const proxy: Dhcp4Policy = { ranges: [], ownAddresses: [] }
/** The machines the packets were recorded of: a client, a BIOS with iPXE, a UEFI. */
const macs = ['52:54:00:12:34:01', '52:54:00:12:34:02', '52:54:00:12:34:03']
const nodes: string[] = []

beforeAll(async () => {
  for (const mac of macs) nodes.push(await bed.machine(mac, ramdiskPlan(bed.dir)))
})

const packet = (scenario: string): Dhcpv4Packet => decodeDhcpv4(capturedAs('v4', scenario).bytes)

async function ask(request: Dhcpv4Packet, policy = full) {
  const { answer } = await answerDhcp4(bed.ctx, policy, request, link)
  return answer
}
const textIn = (found: Dhcpv4Packet | undefined, code: number) =>
  found?.options.get(code)?.toString()

describe('as the DHCP server of a network', () => {
  it.each([
    ['OVMF PXE discover', 'snponly.efi', undefined],
    ['iPXE (BIOS) discover', 'http://192.0.2.1:8080/boot.ipxe', undefined],
    ['iPXE (UEFI) discover', 'http://192.0.2.1:8080/boot.ipxe', undefined],
    ['OVMF HTTP discover', 'http://192.0.2.1:8080/snponly.efi', 'HTTPClient'],
    ['udhcpc discover', '', undefined],
  ])('%s is offered %s', async (scenario, file, vendorClass) => {
    const answer = await ask(packet(scenario))
    expect(answer?.kind).toBe('offer')
    expect(answer?.packet.file).toBe(file)
    expect(textIn(answer?.packet, option.bootFileName) ?? '').toBe(file)
    expect(textIn(answer?.packet, option.vendorClass)).toBe(vendorClass)
    expect(answer?.packet.yourAddress).toMatch(/^192\.0\.2\.10[1-9]$/)
    expect(answer?.packet.options.get(option.router)?.join('.')).toBe('192.0.2.254')
  })

  it('gives a machine its address, and refuses others', async () => {
    const offered = (await ask(packet('udhcpc discover')))?.packet.yourAddress ?? ''
    const request = (address: string): Dhcpv4Packet => {
      const asked = packet('udhcpc request')
      const bytes = Buffer.from(address.split('.').map(Number))
      return { ...asked, options: new Map([...asked.options, [option.requestedAddress, bytes]]) }
    }
    expect((await ask(request(offered)))?.kind).toBe('ack')
    expect((await ask(request('192.0.2.200')))?.kind).toBe('nak')
  })

  it('leaves a request for another server to that', async () => {
    const asked = packet('udhcpc request')
    const options = new Map([
      ...asked.options,
      [option.serverIdentifier, Buffer.from([192, 0, 2, 9])] as const,
    ])
    expect(await ask({ ...asked, options })).toBeNull()
  })

  it('looks at the network of the relay', async () => {
    const relayed = { ...packet('udhcpc discover'), relayAddress: '198.51.100.1' }
    expect(await ask(relayed)).toBeNull()
    const ranges = [...full.ranges, readRange('198.51.100.10-198.51.100.20/24')]
    const answer = await ask(relayed, { ...full, ranges })
    expect(answer?.packet).toMatchObject({
      yourAddress: '198.51.100.10',
      relayAddress: '198.51.100.1',
    })
  })

  it('gives no other machine anything', async () => {
    const hardwareAddress = Buffer.alloc(16, 9)
    expect(await ask({ ...packet('OVMF PXE discover'), hardwareAddress })).toBeNull()
  })

  it('gives a machine that boots its disk an address and nothing to boot', async () => {
    const mac = '52:54:00:00:99:01'
    await bed.machine(mac, { ...ramdiskPlan(bed.dir), mode: 'local' })
    const hardwareAddress = Buffer.concat([Buffer.from('525400009901', 'hex'), Buffer.alloc(10)])
    const answer = await ask({ ...packet('OVMF PXE discover'), hardwareAddress })
    expect(answer?.packet.file).toBe('')
    expect(answer?.packet.yourAddress).not.toBe('0.0.0.0')
  })
})

describe('beside another DHCP server', () => {
  it('offers the boot file and no address', async () => {
    const answer = await ask(packet('OVMF PXE discover'), proxy)
    expect(answer?.packet).toMatchObject({
      yourAddress: '0.0.0.0',
      file: 'snponly.efi',
      nextServer: '192.0.2.1',
    })
    expect(textIn(answer?.packet, option.vendorClass)).toBe('PXEClient')
    const control = decodeNested(
      answer?.packet.options.get(option.vendorSpecific) ?? Buffer.alloc(0),
    )
    expect(control.get(6)).toEqual(Buffer.from([8]))
  })

  it('answers the question at port 4011', async () => {
    const asked = { ...packet('OVMF PXE request'), clientAddress: '192.0.2.77' }
    expect((await ask(asked, proxy))?.kind).toBe('ack')
  })

  it.each(['udhcpc discover', 'dhclient request', 'iPXE (BIOS) request'])(
    'says nothing to %s',
    async (scenario) => {
      const own = await ask(packet(scenario), { ...proxy })
      expect(own).toBeNull()
    },
  )
})

describe('DHCPv6', () => {
  const serverId = Buffer.from('0004aa', 'hex')
  const ask6 = async (scenario: string, policy = full) => {
    const { bytes, from = '' } = capturedAs('v6', scenario)
    const received = unwrap(decodeDhcpv6(bytes))
    const question = { received, from, ownAddress: '2001:db8::1', serverId }
    const { answer } = await answerDhcp6(bed.ctx, policy, question)
    return answer === null ? null : unwrap(answer).message
  }

  it.each([
    ['dhclient solicit', undefined],
    ['iPXE solicit', 'http://[2001:db8::1]:8080/boot.ipxe'],
    ['OVMF PXE solicit', 'tftp://[2001:db8::1]/snponly.efi'],
    ['OVMF HTTP solicit', 'http://[2001:db8::1]:8080/snponly.efi'],
  ])('%s gets an address and %s', async (scenario, url) => {
    const answer = await ask6(scenario)
    expect(answer?.type).toBe('advertise')
    expect(associations(answer!)[0]?.address).toMatch(/^2001:db8::1[0-9a-f]$/)
    expect(optionOf(answer!, option6.bootFileUrl)?.toString()).toBe(url)
    expect(optionOf(answer!, option6.serverId)).toEqual(serverId)
  })

  it('is silent without addresses, and to what is for another server', async () => {
    expect(await ask6('OVMF PXE solicit', proxy)).toBeNull()
    expect(await ask6('OVMF PXE request')).toBeNull()
  })
})

describe('leases', () => {
  const range = readRange('203.0.113.1-203.0.113.3/24')

  it('are kept, and given on when their time is over', async () => {
    const of = (mac: string) => leaseFor(bed.ctx, range, mac, ['203.0.113.2'])
    expect([await of('a'), await of('b'), await of('a')]).toEqual([
      '203.0.113.1',
      '203.0.113.3',
      '203.0.113.1',
    ])
    expect(await of('c')).toBeNull()
    await bed.ctx.clock.sleep(bed.ctx.config.ferric.dhcp_lease_time * 1000 + 1000)
    expect(await of('b')).toBe('203.0.113.3')
    expect(await of('c')).toBe('203.0.113.1')
  })

  it('are not given twice when many ask at once', async () => {
    const many = readRange('203.0.113.50-203.0.113.90/24')
    const given = await Promise.all(
      Array.from({ length: 10 }, (_, i) => leaseFor(bed.ctx, many, `mac ${i}`)),
    )
    expect(new Set(given).size).toBe(10)
  })
})

it.each([
  ['192.0.2.1', 'is not FIRST-LAST/PREFIX'],
  ['192.0.2.1-2001:db8::1/24', 'is not FIRST-LAST/PREFIX'],
  ['192.0.2.9-192.0.2.1/24', 'is no range of one network'],
  ['192.0.2.1-192.0.3.9/24', 'is no range of one network'],
  ['192.0.2.1-192.0.2.9/33', 'is no range of one network'],
  ['192.0.2.1-192.0.2.9/24,gateway=192.0.2.1', 'gateway=192.0.2.1 in'],
])('the range %s is refused', (text, why) => {
  expect(() => readRange(text)).toThrow(why)
})
