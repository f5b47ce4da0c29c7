import { beforeAll, describe, expect, it } from 'vitest'
import { answerDhcp4 } from '../../src/netboot/dhcp4.js'
import type { Dhcp4Policy } from '../../src/netboot/dhcp4.js'
import { readRange } from '../../src/netboot/ranges.js'
import { decodeNested, option } from '../../src/protocols/dhcp/v4/options.js'
import { decodeDhcpv4 } from '../../src/protocols/dhcp/v4/packet.js'
import type { Dhcpv4Packet } from '../../src/protocols/dhcp/v4/packet.js'
import { capturedAs } from '../protocols/dhcp/_captured.js'
import { netbootBed, ramdiskPlan } from './_bed.js'

const bed = netbootBed({ ferric: { boot_http_port: 8080 } })
const link = { name: 'eth0', address: '192.0.2.1', netmask: '255.255.255.0' }
const full: Dhcp4Policy = {
  ranges: ['192.0.2.100-192.0.2.110/24,router=192.0.2.254,dns=192.0.2.53'].map(readRange),
  ownAddresses: ['192.0.2.1', '192.0.2.100'],
}
const proxy: Dhcp4Policy = { ranges: [], ownAddresses: [] }
/** The machines of the recorded packets: a client, a BIOS with iPXE, a UEFI. */
const macs = ['52:54:00:12:34:01', '52:54:00:12:34:02', '52:54:00:12:34:03']
const nodes: string[] = []

beforeAll(async () => {
  for (const mac of macs) nodes.push(await bed.machine(mac, ramdiskPlan(bed.dir)))
})

const packet = (scenario: string): Dhcpv4Packet => decodeDhcpv4(capturedAs('v4', scenario).bytes)

async function ask(request: Dhcpv4Packet, policy = full) {
  const { answer } = await answerDhcp4(bed.ctx, policy, request, { link, broadcast: true })
  return answer
}
const textIn = (answer: Dhcpv4Packet | undefined, code: number) =>
  answer?.options.get(code)?.toString()

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
    expect(textIn(answer?.packet, option.bootFileName) ?? '\0').toBe(`${file}\0`)
    expect(textIn(answer?.packet, option.vendorClass)).toBe(vendorClass)
    expect(answer?.packet.yourAddress).toMatch(/^192\.0\.2\.10[1-9]$/)
    expect(answer?.packet.options.get(option.router)?.join('.')).toBe('192.0.2.254')
  })

  it('leases the offered address and refuses another one', async () => {
    const offered = (await ask(packet('udhcpc discover')))?.packet.yourAddress ?? ''
    const request = (address: string): Dhcpv4Packet => {
      const request = packet('udhcpc request')
      const bytes = Buffer.from(address.split('.').map(Number))
      return {
        ...request,
        options: new Map([...request.options, [option.requestedAddress, bytes]]),
      }
    }
    expect((await ask(request(offered)))?.kind).toBe('ack')
    expect((await ask(request('192.0.2.200')))?.kind).toBe('nak')
  })

  it('ignores a request for another server', async () => {
    const request = packet('udhcpc request')
    const options = new Map([
      ...request.options,
      [option.serverIdentifier, Buffer.from([192, 0, 2, 9])] as const,
    ])
    expect(await ask({ ...request, options })).toBeNull()
  })

  it('uses the network of the relay', async () => {
    const relayed = { ...packet('udhcpc discover'), relayAddress: '198.51.100.1' }
    expect(await ask(relayed)).toBeNull()
    const ranges = [...full.ranges, readRange('198.51.100.10-198.51.100.20/24')]
    const answer = await ask(relayed, { ...full, ranges })
    expect(answer?.packet).toMatchObject({
      yourAddress: '198.51.100.10',
      relayAddress: '198.51.100.1',
    })
  })

  it('ignores machines that are not enrolled', async () => {
    const hardwareAddress = Buffer.alloc(16, 9)
    expect(await ask({ ...packet('OVMF PXE discover'), hardwareAddress })).toBeNull()
  })

  it('gives a machine that boots its disk an address and no boot file', async () => {
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

  it('answers the request at port 4011', async () => {
    const request = { ...packet('OVMF PXE request'), clientAddress: '192.0.2.77' }
    expect((await ask(request, proxy))?.kind).toBe('ack')
  })

  it.each(['udhcpc discover', 'dhclient request', 'iPXE (BIOS) request'])(
    'does not answer %s',
    async (scenario) => {
      const own = await ask(packet(scenario), { ...proxy })
      expect(own).toBeNull()
    },
  )
})

it('leaves the range of another link to its machines while the link of requests is unknown', async () => {
  const links = ['192.0.2.1', '198.51.100.1'].map((address) => ({ ...link, address }))
  const ranges = ['192.0.2.200-192.0.2.229/24', '198.51.100.10-198.51.100.19/24'].map(readRange)
  const policy = { ranges, ownAddresses: links.map(({ address }) => address) }
  const from = (index: number) => {
    const address = Buffer.from([0x52, 0x54, 0, 0x88, 0, index])
    const hardwareAddress = Buffer.concat([address, Buffer.alloc(10)])
    return { ...packet('udhcpc discover'), hardwareAddress }
  }
  for (let i = 0; i < 23; i++) await bed.machine(`52:54:00:88:00:${hexByte(i)}`, null)
  // 22 machines of the first link, each with an offer for either link, lease on the first one.
  for (let i = 0; i < 22; i++) {
    const [own] = await Promise.all(
      links.map((one) => answerDhcp4(bed.ctx, policy, from(i), { link: one, broadcast: true })),
    )
    const offer = own!.answer!.packet
    const request = requestFor(from(i), offer.yourAddress, links[0]!.address)
    const arrival = { link: links[0]!, broadcast: true }
    const { answer } = await answerDhcp4(bed.ctx, policy, request, arrival)
    expect(answer?.kind).toBe('ack')
  }
  const arrival = { link: links[1]!, broadcast: true }
  const offer = (await answerDhcp4(bed.ctx, policy, from(22), arrival)).answer!.packet
  const request = requestFor(from(22), offer.yourAddress, links[1]!.address)
  const { answer } = await answerDhcp4(bed.ctx, policy, request, arrival)
  expect([answer?.kind, answer?.packet.yourAddress]).toEqual(['ack', offer.yourAddress])
})

const hexByte = (value: number) => value.toString(16).padStart(2, '0')
const bytesOf = (address: string) => Buffer.from(address.split('.').map(Number))

/** The REQUEST that takes an offer. */
const requestFor = (discover: Dhcpv4Packet, address: string, server: string): Dhcpv4Packet => ({
  ...discover,
  options: new Map([
    ...discover.options,
    [option.messageType, Buffer.from([3])] as const,
    [option.requestedAddress, bytesOf(address)] as const,
    [option.serverIdentifier, bytesOf(server)] as const,
  ]),
})
