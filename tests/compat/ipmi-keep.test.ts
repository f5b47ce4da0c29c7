// Sessions kept for who comes back: as long as the BMC has some to spare, and no longer than it makes sense.
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock, type Clock } from '../../src/clock.js'
import type { IpmiClient } from '../../src/protocols/ipmi/client.js'
import { chassisStatus } from '../../src/protocols/ipmi/commands/chassis.js'
import { sessionCount } from '../../src/protocols/ipmi/commands/session.js'
import { IpmiResponder, type ResponderOptions } from '../_util/ipmi-responder.js'
import { IpmiSim } from '../_util/peers/ipmi-sim.js'
import { UdpProxy } from '../_util/udp-proxy.js'
import { clientTo, withClient } from './ipmi/clients.js'

const port = 23199
const idle = 300
const keep = { most: 3_000, askEvery: [600, 500] }
const parts = { suites: [3], idle, keep }

/** @param comesBack as the power sync does */
const poll = (client: IpmiClient, comesBack = true) =>
  chassisStatus(client.within({ deadline: Date.now() + 5_000 }, comesBack))

const asksForCount = ({ netFn, command }: { netFn: number; command: number }) =>
  netFn === 0x06 && command === 0x3d

describe('a BMC that is polled', { timeout: 30_000 }, () => {
  let sim: IpmiSim
  beforeAll(async () => {
    sim = await IpmiSim.start({ port, cheap: true })
  }, 60_000)
  afterAll(async () => {
    await sim?.[Symbol.asyncDispose]()
  })

  it('hears one session over many rounds, and its end when nobody comes back', async () => {
    await using proxy = await UdpProxy.start(port)
    const client = clientTo(proxy.port, parts)
    for (let n = 0; n < 4; n += 1) {
      await poll(client)
      await sleep(1_500)
    }
    expect(new Set(proxy.passed.map(({ client: from }) => from)).size).toBe(1)
    expect(client.suite).toBe(3)
    await expect.poll(() => client.suite, { timeout: 6_000 }).toBeNull()
    expect(await withClient(clientTo(port), sessionCount)).toMatchObject({ active: 1 })
  })
})

describe('a session is not kept', { timeout: 30_000 }, () => {
  const roomy = { slots: { possible: 8, others: 1 } }
  it.each<[string, ResponderOptions, boolean]>([
    ['for who does not come back', roomy, false],
    ['where others would find one free', { slots: { possible: 4, others: 2 } }, true],
    ['where the BMC does not say', { slots: null }, true],
  ])('%s', async (_what, slots, comesBack) => {
    await using bmc = await IpmiResponder.start(slots)
    const client = clientTo(bmc.port, parts)
    await poll(client, comesBack)
    expect(bmc.sessions).toBe(1)
    await expect.poll(() => bmc.sessions, { timeout: 2 * idle + 500 }).toBe(0)
    expect(bmc.seen.filter(asksForCount)).toHaveLength(comesBack ? 1 : 0)
    expect(client.suite).toBeNull()
  })

  it('once the BMC has none to spare any more', async () => {
    const slots = { possible: 8, others: 1 }
    await using bmc = await IpmiResponder.start({ slots })
    const client = clientTo(bmc.port, parts)
    await poll(client)
    await sleep(idle + 200)
    expect(bmc.sessions).toBe(1)
    slots.others = 6
    await expect.poll(() => bmc.sessions, { timeout: 1_600 }).toBe(0)
  })
})

it('a BMC that restarted costs a poll one packet, and then a new session', async () => {
  let ahead = 0
  const clock: Clock = { ...systemClock, now: () => new Date(Date.now() + ahead) }
  await using bmc = await IpmiResponder.start({ slots: { possible: 8, others: 0 } })
  await using proxy = await UdpProxy.start(bmc.port)
  const client = clientTo(proxy.port, { ...parts, idle: 60_000, clock }, 200)
  await poll(client)
  bmc.forget()
  ahead = 20_000
  const before = proxy.passed.length
  const began = performance.now()
  expect(await chassisStatus(client.within({ deadline: Date.now() + 60_000 }, true))).toMatchObject(
    { powerOn: false },
  )
  expect(performance.now() - began).toBeLessThan(2_000)
  const [first] = proxy.passed.slice(before)
  const fromOld = proxy.passed.slice(before).filter(({ client: from }) => from === first?.client)
  expect(fromOld.map(({ to }) => to)).toEqual(['bmc'])
  expect(bmc.sessions).toBe(1)
  await client.close()
})

it(
  'where sessions are lost while they are kept, they are kept no more',
  { timeout: 30_000 },
  async () => {
    await using bmc = await IpmiResponder.start({ slots: { possible: 8, others: 0 } })
    const client = clientTo(bmc.port, parts, 50)
    for (let loss = 0; loss < keep.askEvery.length; loss += 1) {
      await poll(client)
      await sleep(idle + 150)
      expect(bmc.sessions).toBe(1)
      bmc.forget()
      await expect.poll(() => client.suite, { timeout: 3_000 }).toBeNull()
    }
    const asked = bmc.seen.filter(asksForCount).length
    await poll(client)
    await expect.poll(() => bmc.sessions, { timeout: 2 * idle + 500 }).toBe(0)
    expect(bmc.seen.filter(asksForCount)).toHaveLength(asked)
  },
)
