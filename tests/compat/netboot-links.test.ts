// Real DHCP clients and relays on two links: each gets an address of its own network, and what
// happens on one link takes nothing from the other.
import { chmod, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { option } from '../../src/protocols/dhcp/v4/options.js'
import { decodeDhcpv4, encodeDhcpv4 } from '../../src/protocols/dhcp/v4/packet.js'
import { kindOf } from '../../src/protocols/dhcp/v4/questions.js'
import { decodeDhcpv6 } from '../../src/protocols/dhcp/v6/packet.js'
import type { Dhcpv6Message } from '../../src/protocols/dhcp/v6/packet.js'
import { associations, optionOf } from '../../src/protocols/dhcp/v6/questions.js'
import { option6 } from '../../src/protocols/dhcp/v6/options.js'
import { until } from '../_util/peers/until.js'
import { capturedAs } from '../protocols/dhcp/_captured.js'
import { macOf, network6Of, networkOf, places, serverOn, TwoLinks } from './netboot/two-links.js'
import type { Place } from './netboot/two-links.js'

const strangers = 22
const strangerMac = (index: number) => `52:54:00:88:00:${index.toString(16).padStart(2, '0')}`
/** The machine whose UEFI sent the recorded DHCPv6 packets. */
const ovmfMac = '52:54:00:12:34:03'
let lab: TwoLinks

async function machine(name: string, address: string): Promise<void> {
  const image = `file://${join(lab.dir, 'image')}`
  const driver_info = { deploy_kernel: image, deploy_ramdisk: image }
  const properties = { cpu_arch: 'x86_64', capabilities: 'boot_mode:uefi' }
  const body = { name, driver: 'fake-hardware', driver_info, properties }
  const { uuid } = await lab.api<{ uuid: string }>('POST', '/v1/nodes', body)
  await lab.api('POST', '/v1/ports', { node_uuid: uuid, address })
}

beforeAll(async () => {
  lab = await TwoLinks.open()
  await writeFile(join(lab.dir, 'image'), 'an image')
  for (const place of places) await machine(place, macOf(place))
  for (let i = 0; i < strangers; i++) await machine(`stranger-${i}`, strangerMac(i))
  const hook = join(lab.dir, 'hook')
  const lines = [
    '#!/bin/sh',
    '[ "$1" = bound ] && ip addr replace $ip/24 dev $interface && ip route replace default via $router',
    'echo "hook $1 ip=$ip router=$router serverid=$serverid"',
  ]
  await writeFile(hook, `${lines.join('\n')}\n`)
  await chmod(hook, 0o755)
}, 240_000)
afterAll(() => lab?.[Symbol.asyncDispose](), 60_000)

const udhcpc = (place: Place) =>
  lab.at(place, 'udhcpc', '-i', 'eth0', '-n', '-q', '-f', '-s', join(lab.dir, 'hook'))

/** How many packets of servers a namespace gets while work is done. */
async function answersSeen(place: Place, work: () => Promise<unknown>): Promise<number> {
  const rules = `table inet seen {
  counter answers {}
  chain in { type filter hook prerouting priority -300; udp dport 68 counter name answers; }
}`
  await lab.at(place, 'nft', rules)
  await work()
  const { nftables } = JSON.parse(await lab.at(place, 'nft', '-j', 'list', 'counters')) as {
    nftables: { counter?: { packets: number } }[]
  }
  await lab.at(place, 'nft', 'delete', 'table', 'inet', 'seen')
  return nftables.find(({ counter }) => counter !== undefined)?.counter?.packets ?? -1
}

function discoverOf(mac: string): Buffer {
  const base = decodeDhcpv4(capturedAs('v4', 'udhcpc discover').bytes)
  const address = Buffer.from(mac.replaceAll(':', ''), 'hex')
  const options = new Map(base.options)
  options.delete(option.clientIdentifier)
  const hardwareAddress = Buffer.concat([address, Buffer.alloc(10)])
  const transaction = (base.transaction ^ address.readUInt32BE(2)) >>> 0
  return encodeDhcpv4({ ...base, transaction, broadcast: true, hardwareAddress, options })
}

describe('a DISCOVER', () => {
  it('is answered on its own link only', async () => {
    const others = await answersSeen('near-b', async () => {
      const own = await answersSeen('near-a', () =>
        lab.exchange('near-a', '0.0.0.0', 68, '255.255.255.255', [discoverOf(strangerMac(0))]),
      )
      expect(own).toBe(1)
    })
    expect(others).toBe(0)
  }, 60_000)

  it(`of ${strangers} machines on one link leaves the range of the other link alone`, async () => {
    const packets = Array.from({ length: strangers }, (_, i) => discoverOf(strangerMac(i)))
    const [from, to] = ['0.0.0.0', '255.255.255.255']
    const offers = await lab.exchange('near-a', from, 68, to, packets)
    const networks = offers.map((bytes) => decodeDhcpv4(bytes).yourAddress.replace(/\.\d+$/, ''))
    expect(networks.length).toBeGreaterThanOrEqual(10)
    expect(new Set(networks)).toEqual(new Set([networkOf('near-a')]))
    expect(await udhcpc('near-b')).toContain(`lease of ${networkOf('near-b')}.100 obtained`)
    // The offers to machines that never request them give way on their own link, too.
    expect(await udhcpc('near-a')).toContain(`lease of ${networkOf('near-a')}.1`)
  }, 60_000)

  it('with a link selection gets an address of that subnet (RFC 3527)', async () => {
    const discover = decodeDhcpv4(discoverOf(strangerMac(1)))
    const selection = Buffer.from([5, 4, 10, 77, 4, 0])
    const options = new Map([...discover.options, [option.relayAgent, selection] as const])
    const relayAddress = '10.99.0.7'
    await lab.at('relay-a', 'ip', 'addr', 'add', `${relayAddress}/32`, 'dev', 'uplink')
    await lab.at('server', 'ip', 'route', 'add', '10.99.0.0/16', 'via', `${networkOf('near-a')}.2`)
    const packet = encodeDhcpv4({ ...discover, relayAddress, options })
    const [offer] = await lab.exchange('relay-a', relayAddress, 67, serverOn('a'), [packet])
    const answer = decodeDhcpv4(offer!)
    expect([kindOf(answer), answer.relayAddress]).toEqual(['offer', relayAddress])
    expect(answer.yourAddress).toMatch(/^10\.77\.4\./)
  }, 60_000)
})

describe('udhcpc', () => {
  it.each(places)(
    'at %s gets an address, a router and a server of its own network',
    async (place) => {
      const output = await udhcpc(place)
      const address = networkOf(place).replaceAll('.', '\\.')
      const server = serverOn(place.endsWith('a') ? 'a' : 'b').replaceAll('.', '\\.')
      expect(output).toMatch(
        new RegExp(`hook bound ip=${address}\\.1\\d\\d router=${address}\\.1 serverid=${server}`),
      )
    },
    60_000,
  )

  it.each(['far-a', 'far-b'] as const)(
    'at %s renews its lease by unicast, past the relay',
    async (place) => {
      const words = `udhcpc -i eth0 -n -f -s ${join(lab.dir, 'hook')} & pid=$!
        sleep 2; kill -USR1 $pid; sleep 3; kill $pid; wait $pid`
      const output = await lab.at(place, 'sh', '-c', `(${words}) 2>&1 || true`)
      expect(output).toContain('hook bound')
      expect(output).toContain(`hook renew ip=${networkOf(place)}.1`)
      expect(output).not.toMatch(/nak/i)
    },
    60_000,
  )
})

describe('DHCPv6', () => {
  it.each(places)(
    'gives dhclient at %s an address of its own network',
    async (place) => {
      const files = ['-lf', join(lab.dir, `leases-${place}`), '-pf', join(lab.dir, `pid-${place}`)]
      const env = join(lab.dir, `env-${place}`)
      const hook = join(lab.dir, `hook6-${place}`)
      await writeFile(
        hook,
        `#!/bin/sh\n[ -n "$new_ip6_address" ] && echo $new_ip6_address > ${env}\nexit 0\n`,
      )
      await chmod(hook, 0o755)
      await lab
        .at(place, 'timeout', '10', 'dhclient', '-6', '-1', '-d', '-sf', hook, ...files, 'eth0')
        .catch(
          // dhclient stays in the foreground until its time is over.
          () => undefined,
        )
      expect(await readFile(env, 'utf8')).toContain(`${network6Of(place)}::1`)
    },
    60_000,
  )

  it('names the boot file by the address of the link that the relay is on', async () => {
    await machine('uefi', ovmfMac)
    await waits('uefi')
    const { bytes } = capturedAs('v6', 'OVMF PXE solicit')
    const [advertise] = await lab.exchange('far-b', '::', 546, 'ff02::1:2%eth0', [bytes])
    const message = decodeDhcpv6(advertise!) as Dhcpv6Message
    expect(optionOf(message, option6.bootFileUrl)?.toString()).toBe(
      `tftp://[${network6Of('near-b')}::1]/snponly.efi`,
    )
    expect(associations(message)[0]?.addresses[0]).toContain(`${network6Of('far-b')}::1`)
  }, 90_000)
})

/** Cleans a node up to the point where it waits for its ramdisk. */
async function waits(name: string): Promise<void> {
  for (const [target, state] of [
    ['manage', 'manageable'],
    ['provide', 'clean wait'],
  ] as const) {
    await lab.api('PUT', `/v1/nodes/${name}/states/provision`, { target })
    const reached = async () => {
      const node = await lab.api<{ provision_state: string }>('GET', `/v1/nodes/${name}`)
      return node.provision_state === state || undefined
    }
    await until(reached, { what: `${name} in ${state}`, timeoutMs: 60_000, everyMs: 300 })
  }
}

it('hears an interface that was removed and made again', async () => {
  await lab.at('server', 'ip', 'link', 'del', 'br-b')
  await lab.at('server', 'ip', 'link', 'add', 'br-b', 'type', 'bridge')
  await lab.at('server', 'ip', 'addr', 'add', `${serverOn('b')}/24`, 'dev', 'br-b')
  await lab.at('server', 'ip', 'link', 'set', 'br-b', 'up')
  await lab.at('server', 'ip', 'link', 'set', 'port-nb', 'master', 'br-b')
  const lease = () => udhcpc('near-b').catch(() => '')
  await expect.poll(lease, { timeout: 45_000, interval: 1000 }).toContain('hook bound')
}, 60_000)

it('logs no error', async () => {
  expect(await lab.log()).not.toMatch(/"level":(50|60)/)
})
