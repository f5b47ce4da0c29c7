// OpenIPMI's simulator ends sessions that are silent for a minute, as BMCs do: a console nobody types on outlives
// that, because its session is kept alive, in turn with all other work; one that is not kept is lost.
import { bmcScheduler } from '../../src/drivers/bmc/scheduler.js'
import { createBmcScheduler } from '../../src/protocols/bmc/scheduler.js'
import { createServer, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { systemClock } from '../../src/clock.js'
import { defaultConfig } from '../../src/config/index.js'
import { Services } from '../../src/services.js'
import type { AppContext } from '../../src/context.js'
import type { IpmiInfo } from '../../src/drivers/ipmi/driver-info.js'
import { openLine } from '../../src/drivers/ipmi/console/line.js'
import { bmcName } from '../../src/drivers/ipmi/turn.js'
import { chassisStatus } from '../../src/protocols/ipmi/commands/chassis.js'
import { IpmiSim } from '../_util/peers/ipmi-sim.js'
import { UdpProxy } from '../_util/udp-proxy.js'
import { log } from '../drivers/_util/task.js'
import { clientTo, failure, withClient } from './ipmi/clients.js'

const port = 23197
const serialPort = 23198
/** Longer than the simulator keeps a silent session, and than two rounds of keeping alive. */
const silenceMs = 75_000

let sim: IpmiSim
let serial: Server
let line: Socket | null = null
let typed = ''
beforeAll(async () => {
  serial = createServer((socket) => {
    line = socket
    socket.on('data', (bytes) => (typed += bytes.toString()))
  })
  await new Promise<void>((resolve) => serial.listen(serialPort, '127.0.0.1', resolve))
  sim = await IpmiSim.start({ port, serialPort })
}, 60_000)
afterAll(async () => {
  await sim?.[Symbol.asyncDispose]()
  line?.destroy()
  serial.close()
})

const infoFor = (bmcPort: number): IpmiInfo => ({
  ...{ address: '127.0.0.1', port: bmcPort, username: 'admin', password: 'secret' },
  ...{ privilegeLevel: 'ADMINISTRATOR', protocolVersion: '2.0', hexKgKey: null, cipherSuite: 3 },
  ...{ terminalPort: null, bridging: null },
})

describe('a minute of silence', { timeout: 150_000 }, () => {
  it.concurrent(
    'ends a session nobody keeps, and the next question opens another',
    async ({ expect }) => {
      const client = clientTo(port, { suites: [3], idle: 600_000 }, 300)
      const session = await client.hold({ deadline: Date.now() + 5_000 })
      await sleep(silenceMs)
      const getDeviceId = { netFn: 0x06, command: 0x01, data: Buffer.alloc(0) }
      const lost = await failure(() =>
        session.request(getDeviceId, { deadline: Date.now() + 1_000, tries: 2 }),
      )
      expect(lost.name).toBe('IpmiTimeout')
      expect(await withClient(client, chassisStatus)).toMatchObject({ powerOn: false })
    },
  )

  it.concurrent('leaves a console as it was', async ({ expect }) => {
    await using proxy = await UdpProxy.start(port)
    const config = defaultConfig({ ipmi: { min_command_interval: 1 } })
    const services = new Services(log)
    const ctx = { clock: systemClock, config, log, services } as AppContext
    services.provide(bmcScheduler, createBmcScheduler({ clock: systemClock, tenures: undefined }))
    const info = infoFor(proxy.port)
    let seen = ''
    const handlers = {
      data: (bytes: Buffer) => void (seen += bytes.toString()),
      ended: (error: Error) => void (seen += `[${error.message}]`),
    }
    const console = await openLine(ctx, info, handlers, AbortSignal.timeout(140_000))
    await sleep(1_000)
    const before = proxy.passed.length
    const calls = bmcScheduler(ctx).statistics(bmcName(info))?.calls ?? 0
    await sleep(silenceMs)
    const asked = proxy.passed.slice(before).filter(({ to }) => to === 'bmc')
    expect(asked.length).toBeGreaterThanOrEqual(2)
    expect(bmcScheduler(ctx).statistics(bmcName(info))?.calls).toBe(calls + asked.length)
    expect(new Set(asked.map(({ client }) => client)).size).toBe(1)
    console.write(Buffer.from('still here\r'))
    await expect.poll(() => typed, { timeout: 10_000 }).toContain('still here\r')
    line?.write('so am I\n')
    await expect.poll(() => seen, { timeout: 10_000 }).toContain('so am I')
    expect(seen).not.toContain('[')
    await console.close()
  })
})
