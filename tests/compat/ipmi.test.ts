// IPMI against OpenIPMI's simulator, with `ipmitool` reading the same BMC, over good networks and bad.
import { spawnSync } from 'node:child_process'
import { createServer, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/clock.js'
import { readSensors } from '../../src/drivers/ipmi/management/sensors.js'
import { parseSensorText } from '../../src/drivers/ipmi/management/sensor-text.js'
import { bootFlags, bootSelectors, setBootFlags } from '../../src/protocols/ipmi/commands/boot.js'
import {
  chassisControl,
  chassisIdentify,
  chassisStatus,
} from '../../src/protocols/ipmi/commands/chassis.js'
import { deviceId } from '../../src/protocols/ipmi/commands/device.js'
import { raw } from '../../src/protocols/ipmi/commands/raw.js'
import { deactivateSol, SolConsole } from '../../src/protocols/ipmi/sol.js'
import { IpmiResponder } from '../_util/ipmi-responder.js'
import { IpmiSim } from '../_util/peers/ipmi-sim.js'
import { random } from '../protocols/_random.js'
import { UdpProxy, unharmed, type Mischief } from '../_util/udp-proxy.js'
import { clientTo, failure, withClient } from './ipmi/clients.js'

const port = 23101
let sim: IpmiSim
let serial: Server
let line: Socket | null = null

beforeAll(async () => {
  serial = createServer((socket) => (line = socket))
  await new Promise<void>((resolve) => serial.listen(23102, '127.0.0.1', resolve))
  sim = await IpmiSim.start({ port, serialPort: 23102 })
}, 60_000)
afterAll(async () => {
  await sim?.[Symbol.asyncDispose]()
  line?.destroy()
  serial.close()
})

const powerSeen = async () =>
  /Chassis Power is (\w+)/.exec(await sim.ipmitool('power', 'status'))?.[1]

describe('power', () => {
  it.each([
    ['on', 'on', 'set power 1'],
    ['off', 'off', 'set power 0'],
    ['on', 'on', 'set power 1'],
    ['reset', 'on', 'set reset 1'],
    ['soft', 'off', 'set shutdown 1'],
  ] as const)('%s', async (action, after, told) => {
    const before = sim.changes().length
    await withClient(clientTo(port), (bmc) => chassisControl(bmc, action))
    expect(await powerSeen()).toBe(after)
    expect(sim.changes().slice(before)).toEqual([told])
    const { powerOn } = await withClient(clientTo(port), chassisStatus)
    expect(powerOn).toBe(after === 'on')
  })

  it('cycles', async () => {
    await sim.ipmitool('power', 'on')
    const before = sim.changes().length
    await withClient(clientTo(port), (bmc) => chassisControl(bmc, 'cycle'))
    await expect
      .poll(() => sim.changes().slice(before), { timeout: 10_000 })
      .toEqual(['set power 0', 'set power 1'])
  })

  it('reads what ipmitool set', async () => {
    for (const state of ['on', 'off']) {
      await sim.ipmitool('power', state)
      expect((await withClient(clientTo(port), chassisStatus)).powerOn).toBe(state === 'on')
    }
  })

  it('is refused what the simulator has not, as ipmitool is', async () => {
    const diag = withClient(clientTo(port), (bmc) => chassisControl(bmc, 'diag'))
    await expect(diag).rejects.toMatchObject({ name: 'IpmiCompletionError', code: 0xcc })
    await expect(sim.ipmitool('power', 'diag')).rejects.toThrow('Invalid data field in request')
  })
})

it.each([
  ['pxe', 'Force PXE'],
  ['disk', 'Force Boot from default Hard-Drive'],
  ['cdrom', 'Force Boot from CD/DVD'],
  ['bios', 'Force Boot into BIOS Setup'],
] as const)('sets the boot device to %s', async (device, seen) => {
  const selector = bootSelectors[device]
  const flags = { persistent: true, uefi: true, selector }
  await withClient(clientTo(port), (bmc) => setBootFlags(bmc, flags))
  expect(await sim.ipmitool('chassis', 'bootparam', 'get', '5')).toContain(
    `Boot Device Selector : ${seen}`,
  )
  expect((await withClient(clientTo(port), bootFlags)).selector).toBe(selector)
})

it('identifies, sends raw bytes and says what the BMC is, as ipmitool does', async () => {
  await withClient(clientTo(port), async (bmc) => {
    await chassisIdentify(bmc, 30)
    expect(sim.changes().at(-1)).toBe('set identify 30 0')
    const { manufacturerId, productId, firmware } = await deviceId(bmc)
    const seen = await sim.ipmitool('mc', 'info')
    expect(seen).toContain(`Manufacturer ID           : ${manufacturerId}`)
    expect(seen).toContain(`Product ID                : ${productId}`)
    expect(seen).toContain(`Firmware Revision         : ${firmware}`)
    const mine = [...(await raw(bmc, [0x06, 0x01]))].map((b) => b.toString(16).padStart(2, '0'))
    expect((await sim.ipmitool('raw', '6', '1')).trim().split(/\s+/)).toEqual(mine)
  })
})

it('reads a controller behind the BMC', async () => {
  const bridge = { target: { channel: 0, address: 0x30 }, transit: null, localAddress: 0x20 }
  const { productId } = await withClient(clientTo(port, { bridge }), deviceId)
  expect(await sim.ipmitool('-b', '0', '-t', '0x30', 'mc', 'info')).toContain(
    `Product ID                : ${productId}`,
  )
})

it('reads the sensors as ipmitool does', async () => {
  const theirs = parseSensorText(await sim.ipmitool('sdr', '-v'))
  const mine = await withClient(clientTo(port), readSensors)
  expect(Object.keys(mine)).toEqual(Object.keys(theirs))
  for (const [type, sensors] of Object.entries(mine)) {
    expect(theirs[type]).toMatchObject(sensors as object)
  }
  expect(mine).toMatchObject({
    Temperature: { 'AmbTemp1 (0x1)': { 'Sensor Reading': '42 (+/- 0) degrees C' } },
    Voltage: { 'V12V (0x2)': { 'Sensor Reading': '3 (+/- 0) Volts' } },
  })
})

it('opens a console, takes it over, and types', async () => {
  const client = clientTo(port)
  const limits = { deadline: Date.now() + 20_000 }
  const session = await client.hold(limits)
  let seen = ''
  const handlers = { data: (bytes: Buffer) => (seen += bytes.toString()), ended: () => undefined }
  const console = await SolConsole.open(session, client.within(limits), systemClock, handlers)
  await expect.poll(() => line, { timeout: 10_000 }).not.toBeNull()
  let typed = ''
  line?.on('data', (bytes) => (typed += bytes.toString()))
  console.write(Buffer.from('root\r'.repeat(40)))
  await expect.poll(() => typed, { timeout: 10_000 }).toBe('root\r'.repeat(40))
  line?.write(`login: ${'x'.repeat(1500)}!`)
  await expect.poll(() => seen, { timeout: 10_000 }).toBe(`login: ${'x'.repeat(1500)}!`)
  console.close()
  await client.close()
})

it('takes a console over, again and again, loses no character, and keeps it while it is idle', async () => {
  for (const left of [false, true, false, true]) {
    const client = clientTo(port, { idle: 300 })
    const limits = { deadline: Date.now() + 20_000 }
    const session = await client.hold(limits)
    const handlers = { data: () => undefined, ended: () => undefined }
    const console = await SolConsole.open(session, client.within(limits), systemClock, handlers)
    let typed = ''
    const hear = (bytes: Buffer): void => void (typed += bytes.toString())
    line?.on('data', hear)
    await sleep(600)
    // One packet, as the console before sent.
    console.write(Buffer.from('root\r'))
    await expect.poll(() => typed, { timeout: 5_000 }).toBe('root\r')
    line?.off('data', hear)
    console.close()
    // Who died leaves it to the next to end it.
    if (!left) await deactivateSol(client.within({ deadline: Date.now() + 5_000 }))
    if (!left) await client.close()
  }
})

describe('what is wrong is said, in bounded time', () => {
  it.each([
    ['wrong password', { password: 'wrong' }, 'IpmiAuthenticationError'],
    ['unknown user', { user: 'nobody' }, 'IpmiAuthenticationError'],
    ['wrong cipher suite', { suites: [17] }, 'IpmiCipherSuiteError'],
  ])('%s', async (_what, parts, name) => {
    const seen = await failure(() => withClient(clientTo(port, parts), chassisStatus))
    expect(seen.name).toBe(name)
    expect(seen.ms).toBeLessThan(2000)
  })

  it('a port on which nothing is', async () => {
    const work = () => withClient(clientTo(23199), chassisStatus, 3000)
    const seen = await failure(work)
    expect(seen.name).toBe('IpmiUnreachable')
    expect(seen.ms).toBeLessThan(4000)
  })

  it('a BMC that is silent', async () => {
    await using proxy = await UdpProxy.start(port)
    proxy.mischief = () => []
    const seen = await failure(() => withClient(clientTo(proxy.port), chassisStatus, 3000))
    expect(seen.name).toBe('IpmiTimeout')
    expect(seen.ms).toBeLessThan(4500)
  })
})

/** Loses a fifth, repeats a fifth, delays a third so that they overtake each other. */
function badNetwork(seed: number): Mischief {
  const next = random(seed)
  return (packet) => {
    if (next() < 0.2) return []
    const after = next() < 0.33 ? next() * 120 : 0
    const copies =
      next() < 0.2
        ? [
            { packet, after },
            { packet, after: after + 30 },
          ]
        : []
    return copies.length > 0 ? copies : [{ packet, after }]
  }
}

/** Cuts a third of the answers. */
function truncating(seed: number): Mischief {
  const next = random(seed)
  return (packet, to) => {
    if (to === 'bmc' || next() > 0.33) return [{ packet }]
    return [{ packet: packet.subarray(0, Math.floor(next() * packet.length)) }]
  }
}

describe('over a bad network', () => {
  it.each([
    ['loss of a fifth, duplicates and reordering', badNetwork],
    ['truncated answers', truncating],
  ])('%s: on and off and the boot device come out right', async (_what, make) => {
    await using proxy = await UdpProxy.start(port)
    proxy.mischief = make(7)
    const client = clientTo(proxy.port, {}, 150)
    await withClient(client, async (bmc) => {
      for (const action of ['on', 'off', 'on', 'off', 'on'] as const) {
        await chassisControl(bmc, action)
        expect((await chassisStatus(bmc)).powerOn).toBe(action === 'on')
        await setBootFlags(bmc, { persistent: false, uefi: true, selector: 0x04 })
      }
    })
    expect(await powerSeen()).toBe('on')
  })

  it('a reset is sent once, whatever becomes of its answer', async () => {
    await using proxy = await UdpProxy.start(port)
    let lost = 0
    await withClient(clientTo(proxy.port, {}, 100), async (bmc) => {
      await chassisStatus(bmc)
      const before = sim.changes().length
      proxy.mischief = (packet, to) => (to === 'client' ? ((lost += 1), []) : [{ packet }])
      const seen = await failure(() => chassisControl(bmc, 'reset'))
      proxy.mischief = unharmed
      expect(seen.name).toBe('IpmiTimeout')
      expect(sim.changes().slice(before)).toEqual(['set reset 1'])
      expect(lost).toBe(1)
    })
  })

  it('a duplicated command runs once on the wire’s other side', async () => {
    await using proxy = await UdpProxy.start(port)
    proxy.mischief = (packet, to) =>
      to === 'client' ? [{ packet }, { packet, after: 5 }, { packet, after: 40 }] : [{ packet }]
    await withClient(clientTo(proxy.port), async (bmc) => {
      for (let i = 0; i < 80; i += 1) await deviceId(bmc)
      expect((await chassisStatus(bmc)).powerOn).toBe(true)
    })
  })
})

/** Some kernels come without netem; the proxy above then stands for it alone. */
function hasNetem(): boolean {
  if (process.getuid?.() !== 0) return false
  const probe = `ferric-probe-${process.pid}`
  if (spawnSync('ip', ['netns', 'add', probe]).status !== 0) return false
  const netem = ['-n', probe, 'qdisc', 'add', 'dev', 'lo', 'root', 'netem', 'loss', '20%']
  const { status } = spawnSync('tc', netem)
  spawnSync('ip', ['netns', 'del', probe])
  return status === 0
}

function inNamespace(): void {
  const name = `ferric-ipmi-${process.pid}`
  const ip = (...args: string[]) => {
    const { status, stderr } = spawnSync('ip', args, { encoding: 'utf8' })
    if (status !== 0) throw new Error(`ip ${args.join(' ')}: ${stderr}`)
  }
  let far: IpmiSim
  beforeAll(async () => {
    ip('netns', 'add', name)
    ip('link', 'add', 'fipmi0', 'type', 'veth', 'peer', 'name', 'fipmi1', 'netns', name)
    ip('addr', 'add', '10.250.77.1/30', 'dev', 'fipmi0')
    ip('link', 'set', 'fipmi0', 'up')
    ip('-n', name, 'addr', 'add', '10.250.77.2/30', 'dev', 'fipmi1')
    ip('-n', name, 'link', 'set', 'fipmi1', 'up')
    ip('-n', name, 'link', 'set', 'lo', 'up')
    const inside = ['ip', 'netns', 'exec', name]
    far = await IpmiSim.start({ port: 623, address: '10.250.77.2', inside })
  }, 60_000)
  afterAll(async () => {
    await far?.[Symbol.asyncDispose]()
    ip('netns', 'del', name)
  })

  it('20 % loss and reordering both ways: right results', { timeout: 60_000 }, async () => {
    const netem = 'netem delay 10ms 10ms loss 20% reorder 25% 50%'.split(' ')
    const shape = (...where: string[]) => {
      const args = [...where, 'qdisc', 'add', 'dev', where.length > 0 ? 'fipmi1' : 'fipmi0', 'root']
      const { status, stderr } = spawnSync('tc', [...args, ...netem], { encoding: 'utf8' })
      if (status !== 0) throw new Error(`tc: ${stderr}`)
    }
    shape()
    shape('-n', name)
    const client = clientTo(623, { address: '10.250.77.2' }, 200)
    await withClient(
      client,
      async (bmc) => {
        for (const action of ['on', 'off', 'on', 'off', 'on'] as const) {
          await chassisControl(bmc, action)
          expect((await chassisStatus(bmc)).powerOn).toBe(action === 'on')
        }
      },
      50_000,
    )
    expect(far.changes().at(-1)).toBe('set power 1')
  })
}

if (hasNetem()) {
  describe('in a network namespace with netem', () => {
    inNamespace()
  })
}

describe('cipher suites, with ipmitool as the client of our BMC', () => {
  const ask = async (bmc: IpmiResponder, suite: string) => {
    const { execFile } = await import('node:child_process')
    const to = `-I lanplus -H 127.0.0.1 -p ${bmc.port} -U admin -P secret -C ${suite} power status`
    return await new Promise<string>((resolve) => {
      execFile('ipmitool', to.split(' '), { timeout: 15_000 }, (_error, out, bad) =>
        resolve(out + bad),
      )
    })
  }
  it.each([3, 17])('suite %i', async (suite) => {
    await using bmc = await IpmiResponder.start({ suites: [suite] })
    expect(await ask(bmc, String(suite))).toContain('Chassis Power is off')
    const client = clientTo(bmc.port)
    await client.within({ deadline: Date.now() + 5000 }).request({
      netFn: 0x00,
      command: 0x02,
      data: Buffer.from([1]),
    })
    expect(client.suite).toBe(suite)
    await client.close()
    expect(await ask(bmc, String(suite))).toContain('Chassis Power is on')
  })

  it('a privilege level the user may not have is named', async () => {
    await using bmc = await IpmiResponder.start({ mostPrivilege: 3 })
    const seen = await failure(() => withClient(clientTo(bmc.port), chassisStatus))
    expect(seen.name).toBe('IpmiPrivilegeError')
    const low = await withClient(clientTo(bmc.port, { privilege: 3 }), chassisStatus)
    expect(low.powerOn).toBe(false)
  })

  it('the better of two is chosen, and the BMC key counts', async () => {
    const bmcKey = Buffer.from('0123456789abcdef0123')
    await using bmc = await IpmiResponder.start({ bmcKey })
    const client = clientTo(bmc.port, { bmcKey })
    await chassisStatus(client.within({ deadline: Date.now() + 5000 }))
    expect(client.suite).toBe(17)
    await client.close()
    const without = await failure(() => withClient(clientTo(bmc.port), chassisStatus))
    expect(without.name).toBe('IpmiAuthenticationError')
  })
})
