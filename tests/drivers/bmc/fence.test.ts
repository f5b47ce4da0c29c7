// A process that was held up until after its lease sends nothing more, whatever its timers say.
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { systemClock } from '../../../src/clock.js'
import { defaultConfig } from '../../../src/config/index.js'
import type { AppContext } from '../../../src/context.js'
import { bmcScheduler } from '../../../src/drivers/bmc/scheduler.js'
import type { IpmiInfo } from '../../../src/drivers/ipmi/driver-info.js'
import { ipmiClient } from '../../../src/drivers/ipmi/clients.js'
import { createBmcScheduler } from '../../../src/protocols/bmc/scheduler.js'
import type { IpmiClient } from '../../../src/protocols/ipmi/client.js'
import { chassisStatus } from '../../../src/protocols/ipmi/commands/chassis.js'
import { IpmiResponder } from '../../_util/ipmi-responder.js'
import { UdpProxy, unharmed } from '../../_util/udp-proxy.js'
import { Services } from '../../../src/services.js'
import { log } from '../_util/task.js'

let bmc: IpmiResponder
let proxy: UdpProxy
let client: IpmiClient
let ctx: AppContext
let mayGoOn = true

beforeAll(async () => {
  bmc = await IpmiResponder.start()
  proxy = await UdpProxy.start(bmc.port)
  ctx = {
    ...{ clock: systemClock, log, services: new Services(log) },
    config: defaultConfig({ ipmi: { min_command_interval: 0 } }),
  } as AppContext
  const scheduler = createBmcScheduler({ clock: systemClock, tenures: undefined })
  ctx.services.provide(bmcScheduler, { ...scheduler, mayGoOn: () => mayGoOn })
  const info: IpmiInfo = {
    ...{ address: '127.0.0.1', port: proxy.port, username: 'admin', password: 'secret' },
    ...{ privilegeLevel: 'ADMINISTRATOR', protocolVersion: '2.0', hexKgKey: null },
    ...{ cipherSuite: 3, terminalPort: null, bridging: null },
  }
  client = ipmiClient(ctx, info)
})
afterAll(async () => {
  mayGoOn = true
  await ctx.services.close()
  await proxy?.[Symbol.asyncDispose]()
  await bmc?.[Symbol.asyncDispose]()
})
beforeEach(() => {
  mayGoOn = true
  proxy.mischief = unharmed
})

const ask = () => chassisStatus(client.within({ deadline: Date.now() + 10_000 }))
const sent = () => proxy.passed.filter(({ to }) => to === 'bmc').length

it('a question that waits for its answer is not sent again, and fails', async () => {
  await ask()
  const before = sent()
  proxy.mischief = (packet, to) => (to === 'client' ? [] : [{ packet }])
  const asked = ask()
  await expect.poll(sent).toBe(before + 1)
  mayGoOn = false
  await expect(asked).rejects.toMatchObject({ name: 'BmcLeaseError' })
  expect(sent()).toBe(before + 1)
})

it('nothing begins, and afterwards all is as before', async () => {
  await ask()
  const before = sent()
  mayGoOn = false
  await expect(ask()).rejects.toThrow('this process was held up until its lease on')
  expect(sent()).toBe(before)
  mayGoOn = true
  expect(await ask()).toMatchObject({ powerOn: false })
})
