// Live sessions with OpenIPMI's simulator of which a share of the answers comes damaged: what comes out is the
// right result or an error of ours, in time, and the next session over a sound network is as if nothing had been.
import { describe, expect, it } from 'vitest'
import type { IpmiClient } from '../../src/protocols/ipmi/client.js'
import type { Requester } from '../../src/protocols/ipmi/requester.js'
import { chassisStatus } from '../../src/protocols/ipmi/commands/chassis.js'
import { deviceId } from '../../src/protocols/ipmi/commands/device.js'
import { IpmiError, IpmiTimeout } from '../../src/protocols/ipmi/errors.js'
import { readFru } from '../../src/protocols/ipmi/fru/inventory.js'
import { sdrInfo } from '../../src/protocols/ipmi/sdr/repository.js'
import { readSel } from '../../src/protocols/ipmi/sel/log.js'
import { IpmiSim } from '../_util/peers/ipmi-sim.js'
import { UdpProxy, unharmed, type Mischief } from '../_util/udp-proxy.js'
import { random } from '../protocols/_random.js'
import { clientTo, withClient } from './ipmi/clients.js'

const port = 23191
const firstTryMs = 25
const patienceMs = 3_000
/** A busy machine runs late. */
const latenessMs = 1_500
const atOnce = 8

const questions: Readonly<Record<string, (bmc: Requester) => Promise<unknown>>> = {
  device: deviceId,
  power: chassisStatus,
  sensors: sdrInfo,
  log: readSel,
  fru: readFru,
}

async function answers(bmc: Requester): Promise<Record<string, unknown>> {
  const all: Record<string, unknown> = {}
  for (const [name, ask] of Object.entries(questions)) all[name] = await ask(bmc)
  return all
}

interface Damage {
  readonly mischief: Mischief
  readonly done: { damaged: number; sound: number }
}

type Which = (packet: Buffer) => boolean

const all: Which = () => true
/** Signed ones: they have the number of a session that is open (IPMI 2.0, 13.6). */
const inSession: Which = (packet) =>
  packet[4] === 0x06 && packet.length > 16 && packet.readUInt32LE(6) !== 0

/** Damages a share of the answers: bytes changed, cut, lengthened; for some the sound one follows. */
function damaging(seed: number, share: number, which: Which): Damage {
  const next = random(seed)
  const below = (limit: number): number => Math.floor(next() * limit)
  const done = { damaged: 0, sound: 0 }
  const damaged = (packet: Buffer): Buffer => {
    const noise = Buffer.from(Array.from({ length: below(20) }, () => below(256)))
    const kind = below(4)
    if (kind === 0) return Buffer.from(packet.subarray(0, below(packet.length)))
    if (kind === 1) return Buffer.concat([packet, noise, Buffer.of(0)])
    const copy = Buffer.from(packet)
    for (let n = 1 + below(4); n > 0; n -= 1) copy[below(copy.length)]! ^= 1 + below(255)
    return copy
  }
  const mischief: Mischief = (packet, to) => {
    if (to === 'bmc' || !which(packet) || next() >= share) {
      done.sound += to === 'client' ? 1 : 0
      return [{ packet }]
    }
    done.damaged += 1
    const bad = { packet: damaged(packet) }
    return next() < 0.3 ? [bad, { packet, after: 2 }] : [bad]
  }
  return { mischief, done }
}

interface Outcome {
  readonly what: string
  readonly ms: number
  readonly value?: unknown
  readonly error?: unknown
}

async function timed(what: string, work: () => Promise<unknown>): Promise<Outcome> {
  const begin = performance.now()
  const ms = (): number => performance.now() - begin
  try {
    return { what, value: await work(), ms: ms() }
  } catch (error) {
    return { what, error, ms: ms() }
  }
}

/** Asks everything of the BMC over and over, in sessions of which several are open at once. */
async function askAll(toPort: number, sessions: number): Promise<Outcome[]> {
  const seen: Outcome[] = []
  const work = async (): Promise<void> => {
    for (let n = 0; n < sessions / atOnce; n += 1) {
      const client = clientTo(toPort, { suites: n % 2 === 0 ? null : [3] }, firstTryMs)
      for (const [what, ask] of Object.entries(questions)) seen.push(await one(client, what, ask))
      await client.close()
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  return seen
}

const one = (client: IpmiClient, what: string, ask: (bmc: Requester) => Promise<unknown>) =>
  timed(what, () => ask(client.within({ deadline: Date.now() + patienceMs })))

describe('answers that come damaged', { timeout: 240_000 }, () => {
  it.each([
    { what: 'a tenth of all', share: 0.1, which: all, sessions: 160 },
    { what: 'two fifths of those in sessions', share: 0.4, which: inSession, sessions: 160 },
    { what: 'two fifths of all', share: 0.4, which: all, sessions: 24 },
  ])('$what: the right result or an error of ours, in time', async (given) => {
    const { share, which, sessions } = given
    // Each its own, since handshakes that fail leave sessions half open for a while.
    await using sim = await IpmiSim.start({ port, cheap: true })
    await using proxy = await UdpProxy.start(port)
    const truth = await withClient(clientTo(port), answers)
    const { mischief, done } = damaging(2026, share, which)
    proxy.mischief = mischief
    const seen = await askAll(proxy.port, sessions)
    expect(seen).toHaveLength(sessions * Object.keys(questions).length)
    expect(Math.max(...seen.map(({ ms }) => ms))).toBeLessThan(patienceMs + latenessMs)
    const errors = seen.filter(({ error }) => error !== undefined)
    // What is signed cannot be taken for another answer: it is lost, and asked for again.
    const ours = which === inSession ? IpmiTimeout : IpmiError
    expect(errors.filter(({ error }) => !(error instanceof ours))).toEqual([])
    const right = seen.filter(({ error }) => error === undefined)
    for (const { what, value } of right) expect(value).toEqual(truth[what])
    const failed = errors.length
    expect(done.damaged).toBeGreaterThan((done.damaged + done.sound) * share * 0.7)
    expect(failed).toBeLessThan(seen.length * 2 * share)
    proxy.mischief = unharmed
    expect(await withClient(clientTo(proxy.port), answers)).toEqual(truth)
    expect(await sim.ipmitool('mc', 'info')).toContain('Product ID')
  })
})
