// Controllers behind the BMC, over one hop and two. OpenIPMI's simulator has controllers on its bus, but they pass
// nothing on (Send Message to one of them is an invalid command), so that two hops have another peer: a BMC of our
// own, to which `ipmitool` says what Ferric says, byte for byte.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { deviceId } from '../../src/protocols/ipmi/commands/device.js'
import type { Bridge } from '../../src/protocols/ipmi/session/bridge.js'
import { IpmiResponder, type SeenCommand } from '../_util/ipmi-responder.js'
import { IpmiSim } from '../_util/peers/ipmi-sim.js'
import { clientTo, withClient } from './ipmi/clients.js'

const single: Bridge = { target: { channel: 7, address: 0x72 }, transit: null, localAddress: 0x20 }
const dual: Bridge = { ...single, transit: { channel: 6, address: 0x82 } }

/** The options of ipmitool for it. */
const words = ({ target, transit, localAddress }: Bridge): string[] => [
  ...['-m', String(localAddress), '-b', String(target.channel), '-t', String(target.address)],
  ...(transit === null ? [] : ['-B', String(transit.channel), '-T', String(transit.address)]),
]

async function ipmitool(port: number, ...args: string[]): Promise<string> {
  const to = ['-I', 'lanplus', '-H', '127.0.0.1', '-p', String(port), '-C', '3', '-R', '1']
  const who = ['-U', 'admin', '-P', 'secret']
  const { stdout } = await promisify(execFile)('ipmitool', [...to, ...who, ...args], {
    timeout: 20_000,
  })
  return stdout
}

const sendMessage = ({ netFn, command }: SeenCommand): boolean => netFn === 6 && command === 0x34

/** What was to be passed on for Get Device ID, without the numbers that tell requests apart. */
function passedOn(seen: readonly SeenCommand[]): string[] {
  const found = seen.filter(sendMessage).map(({ data }) => withoutNumbers(data))
  // With an address of its own ipmitool asks the BMC by a bridge first what it is.
  return found.filter((one) => one.endsWith(getDeviceId) && !one.includes(' 20/'))
}

const getDeviceId = ' 01'

/** Channel, addresses and commands of each hop: `46 82/20 34, 47 72/82 01`. */
function withoutNumbers(data: Buffer): string {
  const [channel = 0, to = 0, , , from = 0, , command = 0] = data
  const hex = (byte: number): string => byte.toString(16).padStart(2, '0')
  const hop = `${hex(channel)} ${hex(to)}/${hex(from)} ${hex(command)}`
  return command === 0x34 ? `${hop}, ${withoutNumbers(data.subarray(7, -1))}` : hop
}

describe('over', () => {
  it.each([
    ['one hop', single, 'embedded'],
    ['one hop', single, 'apart'],
    ['two hops', dual, 'apart'],
    ['two hops from another address', { ...dual, localAddress: 0x40 }, 'apart'],
  ] as const)(
    '%s: Ferric asks as ipmitool does, and hears the same',
    async (_what, bridge, bridging) => {
      await using bmc = await IpmiResponder.start({ bridging })
      const mine = await withClient(clientTo(bmc.port, { bridge }), deviceId)
      const asked = passedOn(bmc.seen)
      expect(mine.productId).toBe(0x0f72)
      bmc.seen.length = 0
      const theirs = await ipmitool(bmc.port, ...words(bridge), 'mc', 'info')
      expect(theirs).toContain(`Product ID                : ${mine.productId} `)
      expect(asked).toEqual([passedOn(bmc.seen)[0]])
    },
  )
})

it('over two hops: Ferric finds the answer in the answer to the answer too, which ipmitool does not', async () => {
  await using bmc = await IpmiResponder.start({ bridging: 'embedded' })
  const { productId } = await withClient(clientTo(bmc.port, { bridge: dual }), deviceId)
  expect(productId).toBe(0x0f72)
})

it('a controller that passes nothing on: both say so', async () => {
  await using sim = await IpmiSim.start({ port: 23195 })
  const [target, transit] = [
    { channel: 0, address: 0x30 },
    { channel: 0, address: 0x30 },
  ]
  const bridge = { target, transit, localAddress: 0x20 }
  await expect(withClient(clientTo(sim.port, { bridge }), deviceId)).rejects.toMatchObject({
    name: 'IpmiCompletionError',
    code: 0xc1,
  })
  await expect(ipmitool(sim.port, ...words(bridge), 'mc', 'info')).rejects.toThrow(
    'Invalid command',
  )
})
