// `npm run bench -- bmc`: one round of the power sync over simulated BMCs (OpenIPMI's, a process each), by a real
// Ironic with its ipmitool and by Ferric: how long from the first packet to the last, the CPU time of the
// process with its children, what was forked. Of Ferric, which keeps sessions, a whole interval, after two
// rounds, less what it takes without nodes: what keeps the sessions open is part of the cost; how long its round
// took it says itself. Then Ferric alone with more BMCs. Prints, asserts nothing.
//   --peer debian|newest|none   which real Ironic     --bmcs 200     --alone 1000 (0: not)
//   --homes postgres            Ferric's homes, of embedded,postgres
//   --workers 8   --interval 1   --sync 30    [conductor] sync_power_state_workers, [ipmi] min_command_interval and
//                               [conductor] sync_power_state_interval of both (by default 8, 5 and 60: that takes longer)
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { fakeConf, type ConfChanges } from '../../scripts/peers/conf.mjs'
import { Ferric, type Home } from '../_util/peers/ferric.js'
import { IpmiSim } from '../_util/peers/ipmi-sim.js'
import { pooled, Rest } from '../_util/peers/rest.js'
import { servePeers } from '../_util/peers/serve.js'
import { until } from '../_util/peers/until.js'
import { cpuSeconds } from './figures.js'
import { told } from './rounds.js'

const { values } = parseArgs({
  args: process.argv.slice(3),
  options: {
    peer: { type: 'string', default: 'debian' },
    bmcs: { type: 'string', default: '200' },
    alone: { type: 'string', default: '1000' },
    homes: { type: 'string', default: 'postgres' },
    workers: { type: 'string', default: '8' },
    interval: { type: 'string', default: '1' },
    sync: { type: 'string', default: '30' },
  },
})
const bmcPort = 623
/** Each has an address of its own: upstream keeps its interval by address. */
const addressOf = (n: number): string => `127.1.${Math.floor(n / 250)}.${(n % 250) + 1}`
/** Without packets for so long a round is over; ipmitool that is repeated pauses 5 s. */
const silenceMs = 6_000
/** Runs of packets are so far apart. */
const pauseMs = 3_000
const mostRounds = 8
const mostTries = 60
/** The opening of a session and a question take more; the closing of all sessions less. */
const leastPackets = 10
/** Ferric ends its sessions 10 s after their last use: that is part of the round's cost. */
const afterMs = 16_000

const conf: ConfChanges = {
  DEFAULT: {
    enabled_hardware_types: 'ipmi',
    enabled_management_interfaces: 'ipmitool',
    enabled_power_interfaces: 'ipmitool',
    enabled_vendor_interfaces: 'ipmitool,no-vendor',
  },
  conductor: {
    automated_clean: 'false',
    sync_power_state_interval: values.sync,
    sync_power_state_workers: values.workers,
    force_power_state_during_sync: 'false',
  },
  ipmi: { min_command_interval: values.interval },
}

const udpReceived = (): number => {
  const [, numbers] = readFileSync('/proc/net/snmp', 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('Udp:'))
  return Number(numbers?.split(' ')[1])
}
/** The last process or thread begun in this namespace: they are numbered. */
const lastBegun = (): number =>
  Number(readFileSync('/proc/loadavg', 'utf8').trim().split(' ').at(-1))

interface Round {
  readonly seconds: number
  readonly cpu: number
  readonly packets: number
  readonly begun: number
}

/** Waits until packets flow after a silence. @returns when they began, and how many there were before */
async function beginning(): Promise<{ at: number; packets: number }> {
  let [seen, quietSince] = [udpReceived(), performance.now()]
  for (;;) {
    await sleep(10)
    const now = udpReceived()
    const isQuiet = performance.now() - quietSince > silenceMs
    if (now !== seen && isQuiet) return { at: performance.now(), packets: seen }
    if (now !== seen) [seen, quietSince] = [now, performance.now()]
  }
}

/** A round visits them all; what a server does beside it is not one. */
async function wholeRound(pids: readonly number[], count: number): Promise<Round> {
  for (let attempt = 1; ; attempt += 1) {
    const round = await oneRound(pids)
    say(`${round.packets} packets in ${round.seconds.toFixed(1)} s`)
    if (round.packets >= leastPackets * count) return round
    if (attempt === mostRounds) throw new Error(`only ${round.packets} packets: no round`)
  }
}

async function oneRound(pids: readonly number[]): Promise<Round> {
  const idleFrom = { cpu: cpuSeconds(pids), at: performance.now(), begun: lastBegun() }
  let [cpu, begun] = [idleFrom.cpu, idleFrom.begun]
  const watching = new AbortController()
  const watch = (async () => {
    while (!watching.signal.aborted) {
      ;[cpu, begun] = [cpuSeconds(pids), lastBegun()]
      await sleep(100)
    }
  })()
  const { at, packets } = await beginning()
  watching.abort()
  const before = { cpu, begun }
  await watch
  const idleRate = (before.cpu - idleFrom.cpu) / ((at - idleFrom.at) / 1000)
  let [seen, last] = [udpReceived(), performance.now()]
  while (performance.now() - last < silenceMs) {
    await sleep(10)
    const now = udpReceived()
    if (now !== seen) [seen, last] = [now, performance.now()]
  }
  await sleep(afterMs - silenceMs)
  const whole = (performance.now() - at) / 1000
  return {
    seconds: (last - at) / 1000,
    cpu: cpuSeconds(pids) - before.cpu - idleRate * whole,
    packets: udpReceived() - packets,
    begun: lastBegun() - before.begun,
  }
}

/** A server that has much to do answers late or not at all; enrolment is not what is measured. */
async function insist(send: () => Promise<{ status: number }>): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    const { status } = await send().catch(() => ({ status: 503 }))
    // What came through though its answer did not is refused the second time.
    if (status < 400 || (tries > 0 && [400, 409].includes(status))) return
    if (tries === mostTries) throw new Error(`enrolment was refused: ${status}`)
    await sleep(500)
  }
}

/**
 * What one interval of the power sync costs a server that keeps sessions: the questions of the round and those
 * that keep sessions open. The interval begins after a run of packets, so that none is cut.
 */
async function wholeInterval({ url, pids }: Ferric, idleRate: number): Promise<Round> {
  await beginning()
  await runEnds()
  const rounds = await told(url)
  const from = { cpu: cpuSeconds(pids), begun: lastBegun(), packets: udpReceived() }
  await sleep(Number(values.sync) * 1000)
  const ended = await told(url)
  if (rounds === null || ended === null || ended.count === rounds.count)
    throw new Error('no round of the power sync ended within its interval')
  return {
    seconds: (ended.sum - rounds.sum) / (ended.count - rounds.count),
    cpu: cpuSeconds(pids) - from.cpu - idleRate * Number(values.sync),
    packets: udpReceived() - from.packets,
    begun: lastBegun() - from.begun,
  }
}

/** Waits until no packet has come for a while. */
async function runEnds(): Promise<void> {
  let [seen, last] = [udpReceived(), performance.now()]
  while (performance.now() - last < pauseMs) {
    await sleep(10)
    const now = udpReceived()
    if (now !== seen) [seen, last] = [now, performance.now()]
  }
}

/** CPU seconds a second of a server without nodes. */
async function idleRateOf(pids: readonly number[]): Promise<number> {
  await sleep(afterMs - silenceMs)
  const [cpu, at] = [cpuSeconds(pids), performance.now()]
  await sleep(afterMs)
  return (cpuSeconds(pids) - cpu) / ((performance.now() - at) / 1000)
}

async function enroll(rest: Rest, count: number): Promise<void> {
  const numbers = Array.from({ length: count }, (_, n) => n)
  await pooled(numbers, 8, async (n) => {
    // Without a cipher suite ipmitool asks for them, which the simulator leaves unanswered: 5 s a call.
    const access = { ipmi_username: 'admin', ipmi_password: 'secret', ipmi_cipher_suite: 3 }
    const info = { ipmi_address: addressOf(n), ...access }
    const uuid = randomUUID()
    const body = { driver: 'ipmi', name: `bmc-${n}`, uuid, driver_info: info }
    await insist(() => rest.send('POST', '/nodes', body))
    const target = { target: 'manage' }
    await insist(() => rest.send('PUT', `/nodes/${uuid}/states/provision`, target))
  })
  await until(
    async () => {
      const path = '/nodes?fields=provision_state,power_state,last_error&limit=1000'
      const { nodes } = await rest.must<{ nodes: Record<string, unknown>[] }>('GET', path)
      const failed = nodes.find(
        (node) => node['provision_state'] === 'enroll' && node['last_error'],
      )
      if (failed) throw new Error(JSON.stringify(failed))
      const there = nodes.filter((node) => node['provision_state'] === 'manageable')
      return there.length === count ? true : undefined
    },
    { what: `${count} nodes that are manageable`, timeoutMs: 240_000, everyMs: 500 },
  )
}

/** A measurement takes minutes: what it is at, on the other stream than the table. */
const say = (what: string): void =>
  void process.stderr.write(`${(performance.now() / 1000).toFixed(0)} s: ${what}\n`)

async function prepare(url: string, count: number): Promise<void> {
  say(`enrolling ${count} nodes at ${url}`)
  await enroll(new Rest(url, '1.82'), count)
  say('enrolled; a round is waited for')
}

async function byIronic(peer: string, count: number): Promise<Round> {
  const name = peer === 'newest' ? 'ironic-newest' : 'ironic-debian'
  await using served = await servePeers([name], conf)
  const [one] = served.peers
  if (one === undefined) throw new Error(`${name} did not start`)
  await prepare(one.url, count)
  // What the enrolment left behind is done.
  await sleep(afterMs)
  return await wholeRound([one.pid], count)
}

async function byFerric(home: Home, count: number): Promise<Round> {
  const ferric = await Ferric.prepare(home, fakeConf(conf))
  try {
    await ferric.start()
    const idleRate = await idleRateOf(ferric.pids)
    await prepare(ferric.url, count)
    // The first round opens the sessions; the second finds those that the BMC ends sooner than others.
    await sleep(2 * Number(values.sync) * 1000)
    return await wholeInterval(ferric, idleRate)
  } finally {
    await ferric[Symbol.asyncDispose]()
  }
}

const sims: IpmiSim[] = []
async function simulate(count: number): Promise<void> {
  const missing = Array.from(
    { length: Math.max(0, count - sims.length) },
    (_, n) => sims.length + n,
  )
  say(`starting ${missing.length} simulators`)
  await pooled(missing, 16, async (n) => {
    sims.push(await IpmiSim.start({ address: addressOf(n), port: bmcPort, cheap: true }))
  })
}

const rows: Record<string, Record<string, string | number>> = {}
function note(name: string, count: number, round: Round, than?: Round): void {
  const times = (mine: number, theirs: number | undefined): string =>
    theirs === undefined ? '' : ` (${(theirs / mine).toFixed(1)}x)`
  rows[`${name}, ${count} BMCs`] = {
    'seconds of a round': `${round.seconds.toFixed(2)}${times(round.seconds, than?.seconds)}`,
    'CPU seconds': `${round.cpu.toFixed(2)}${times(round.cpu, than?.cpu)}`,
    'processes and threads begun': round.begun,
    packets: round.packets,
  }
}

const count = Number(values.bmcs)
const alone = Number(values.alone)
try {
  await simulate(count)
  const theirs = values.peer === 'none' ? undefined : await byIronic(values.peer, count)
  if (theirs !== undefined) note(`ironic-${values.peer}`, count, theirs)
  for (const home of values.homes.split(',').filter((one) => one !== '')) {
    note(`ferric ${home}`, count, await byFerric(home as Home, count), theirs)
    if (alone === 0) continue
    await simulate(alone)
    note(`ferric ${home}`, alone, await byFerric(home as Home, alone))
  }
  console.table(rows)
} finally {
  await Promise.all(sims.map((sim) => sim[Symbol.asyncDispose]()))
}
