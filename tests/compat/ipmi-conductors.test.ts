// Two conductors and an API, three processes, that all want the same BMC: what the simulator wrote down,
// and every packet that passed, says that it never heard two at once, nor one too early.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fakeConf } from '../../scripts/peers/conf.mjs'
import { Cluster } from '../_util/peers/cluster.js'
import { IpmiSim } from '../_util/peers/ipmi-sim.js'
import { Rest } from '../_util/peers/rest.js'
import { until } from '../_util/peers/until.js'
import { UdpProxy, unharmed, type Passed } from '../_util/udp-proxy.js'

const bmcPorts = [23141, 23142, 23143]
const interval = 1
/** Times a conductor is killed; more of them look longer for what is rare. */
const kills = Number(process.env['FERRIC_BMC_KILLS'] ?? 1)
const conf = fakeConf({
  DEFAULT: {
    enabled_hardware_types: 'ipmi',
    enabled_management_interfaces: 'ipmitool',
    enabled_power_interfaces: 'ipmitool',
    enabled_vendor_interfaces: 'ipmitool',
  },
  conductor: { sync_power_state_interval: 1, force_power_state_during_sync: 'false' },
  ipmi: { min_command_interval: interval, command_retry_timeout: 30 },
})

interface Bed {
  readonly sim: IpmiSim
  readonly proxy: UdpProxy
  /** Nodes of both conductors; their machines have one BMC, which no two real ones have. */
  readonly nodes: string[]
}

const beds: Bed[] = []
let cluster: Cluster
let rest: Rest

/** Enrolls nodes until each conductor looks after so many of each BMC: the ring decides by their UUIDs. */
async function enroll(each: number): Promise<void> {
  for (const [at, { proxy, nodes }] of beds.entries()) {
    const served = new Map<string, number>()
    while (served.size < 2 || Math.min(...served.values()) < each) {
      const access = { ipmi_username: 'admin', ipmi_password: 'secret', ipmi_port: proxy.port }
      const info = { ipmi_address: '127.0.0.1', ...access }
      const body = { driver: 'ipmi', name: `same-${at}-${nodes.length}`, driver_info: info }
      const { uuid } = await rest.must<{ uuid: string }>('POST', '/nodes', body)
      const { conductor } = await rest.must<{ conductor: string }>('GET', `/nodes/${uuid}`)
      served.set(conductor, (served.get(conductor) ?? 0) + 1)
      nodes.push(uuid)
    }
  }
  const all = beds.flatMap(({ nodes }) => nodes)
  for (const uuid of all) {
    await rest.must('PUT', `/nodes/${uuid}/states/provision`, { target: 'manage' })
  }
  for (const uuid of all) await settled(uuid, { provision_state: 'manageable' })
}

type Seen = Record<string, unknown>

async function settled(uuid: string, wanted: Seen): Promise<Seen> {
  return await until(
    async () => {
      const seen = await rest.must<Seen>('GET', `/nodes/${uuid}`)
      if (seen['last_error'] !== null) throw new Error(JSON.stringify(seen['last_error']))
      const there = { reservation: null, target_power_state: null, ...wanted }
      return Object.entries(there).every(([key, value]) => seen[key] === value) ? seen : undefined
    },
    { what: `${uuid} with ${JSON.stringify(wanted)}`, timeoutMs: 60_000, everyMs: 100 },
  )
}

beforeAll(async () => {
  for (const port of bmcPorts) {
    const sim = await IpmiSim.start({ port })
    beds.push({ sim, proxy: await UdpProxy.start(port), nodes: [] })
  }
  cluster = await Cluster.start(conf, 2, 1)
  rest = new Rest(cluster.urls[0] ?? '')
  await enroll(2)
}, 240_000)
afterAll(async () => {
  await cluster?.[Symbol.asyncDispose]()
  for (const { sim, proxy } of beds) {
    await proxy[Symbol.asyncDispose]()
    await sim[Symbol.asyncDispose]()
  }
}, 60_000)

interface Gap {
  readonly from: number
  readonly to: number
  readonly ms: number
  /** Requests of the session before that had no answer yet. */
  readonly open: number
}

/** Where the BMC stopped hearing one session and began to hear another. */
function handovers(passed: readonly Passed[]): Gap[] {
  const gaps: Gap[] = []
  let [last, open] = [passed[0], 0]
  for (const packet of passed) {
    if (last !== undefined && packet.client !== last.client) {
      gaps.push({ from: last.client, to: packet.client, ms: packet.at - last.at, open })
      open = 0
    }
    open = Math.max(0, open + (packet.to === 'bmc' ? 1 : -1))
    last = packet
  }
  return gaps
}

const times = (lines: readonly string[]) => lines.map((line) => Number(line.split(' ')[0]) * 1000)
/** Ferric counts whole milliseconds. */
const rounding = 2

function holds(passed: readonly Passed[], log: readonly string[]): void {
  const least = interval * 1000 - rounding
  expect(handovers(passed).filter(({ ms, open }) => open !== 0 || ms < least)).toEqual([])
  const at = times(log)
  for (let n = 1; n < at.length; n += 1) {
    expect((at[n] ?? 0) - (at[n - 1] ?? 0)).toBeGreaterThanOrEqual(least)
  }
}

describe('three processes and one BMC', { timeout: 200_000 }, () => {
  it('take turns, an interval apart, and get their work done', async () => {
    const [bed] = beds
    if (bed === undefined) throw new Error('no BMC')
    const seen = seenSince(bed)
    const [first = '', second = ''] = bed.nodes
    const asking = async (): Promise<void> => {
      for (let n = 0; n < 3; n += 1) {
        const path = `/nodes/${second}/management/boot_device`
        expect(await rest.must('GET', path)).toMatchObject({ persistent: expect.any(Boolean) })
      }
    }
    const asked = asking()
    for (const target of ['power on', 'power off']) {
      await rest.must('PUT', `/nodes/${first}/states/power`, { target })
      await settled(first, { power_state: target })
    }
    await asked
    const { passed, log } = seen()
    holds(passed, log)
    expect(new Set(passed.map(({ client }) => client)).size).toBeGreaterThanOrEqual(3)
    expect(handovers(passed).length).toBeGreaterThanOrEqual(6)
    expect(log.map((line) => line.split(' ').slice(1).join(' '))).toEqual(
      expect.arrayContaining(['set power 1', 'set power 0', 'get power']),
    )
  })

  it.each(Array.from({ length: kills }, (_, n) => n))(
    'a conductor that is killed keeps the others out no longer than its lease (%i)',
    async (n) => {
      const conductors = cluster.members.filter(({ role }) => role === 'conductor')
      const victim = conductors[n % conductors.length]
      if (victim === undefined) throw new Error('no conductors')
      const since = beds.map(seenSince)
      // The API has sessions too, which it ends when they are of no use any more.
      for (const { nodes } of beds) {
        await rest.must('GET', `/nodes/${nodes[n % nodes.length]}/management/boot_device`)
      }
      await sleep(Math.random() * 3000)
      await victim.process.end('SIGKILL')
      const killed = performance.now()
      try {
        await Promise.all(beds.map(({ sim }) => readAfter(sim, killed + 1000, 3)))
        expect(performance.now() - killed).toBeLessThan(35_000)
        // Sessions are closed ten seconds after their last use.
        await sleep(Math.max(0, killed + 15_000 - performance.now()))
      } finally {
        await cluster.killAndRestart(victim)
        await cluster.ready(2)
      }
      for (const seen of since) holds(seen().passed, seen().log)
    },
  )

  it('a conductor that is stopped in the middle of a question does not go on out of turn', async () => {
    const [bed] = beds
    const conductors = cluster.members.filter(({ role }) => role === 'conductor')
    if (bed === undefined) throw new Error('no BMC')
    const pids = conductors.map(({ process: { pid } }) => pid)
    const pid = await stopWhileItWaits(bed.proxy, pids)
    const seen = seenSince(bed)
    try {
      await readAfter(bed.sim, performance.now(), 2)
    } finally {
      process.kill(pid, 'SIGCONT')
    }
    const resumed = performance.now()
    await readAfter(bed.sim, resumed, 4)
    const { passed, log } = seen()
    expect(passed.length).toBeGreaterThan(8)
    holds(passed, log)
  })
})

/** @returns what passed and what the BMC wrote down from now on */
function seenSince({ proxy, sim }: Bed): () => { passed: Passed[]; log: string[] } {
  const [before, logged] = [proxy.passed.length, sim.log().length]
  return () => ({ passed: proxy.passed.slice(before), log: sim.log().slice(logged) })
}

/** Waits for so many readings of the power after a time by `performance.now()`. */
async function readAfter(sim: IpmiSim, after: number, count: number): Promise<void> {
  const later = () =>
    sim.log().filter((line) => (times([line])[0] ?? 0) > performance.timeOrigin + after)
  await until(() => Promise.resolve(later().length >= count ? true : undefined), {
    what: `${count} readings after the kill`,
    timeoutMs: 40_000,
    everyMs: 200,
  })
}

/** Stops the one of the processes that waits for an answer of the BMC, which gets lost: it will ask again. */
async function stopWhileItWaits(proxy: UdpProxy, pids: readonly number[]): Promise<number> {
  proxy.mischief = (packet, to) => (to === 'client' ? [] : [{ packet }])
  try {
    const stopped = await until(
      () => {
        const last = proxy.passed.at(-1)
        const isNew = last !== undefined && performance.now() - last.at < 200
        const pid = isNew ? pids.find((one) => udpPortsOf(one).has(last.client)) : undefined
        if (pid !== undefined) process.kill(pid, 'SIGSTOP')
        return Promise.resolve(pid)
      },
      { what: 'question of a conductor', timeoutMs: 60_000, everyMs: 20 },
    )
    await sleep(200)
    return stopped
  } finally {
    proxy.mischief = unharmed
  }
}

/** The ports of the UDP sockets that a process has open. */
function udpPortsOf(pid: number): Set<number> {
  const inodes = new Set(
    readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? []
      } catch {
        // It was closed meanwhile.
        return []
      }
    }),
  )
  const rows = readFileSync(`/proc/${pid}/net/udp`, 'utf8').trim().split('\n').slice(1)
  const fields = rows.map((row) => row.trim().split(/\s+/))
  const mine = fields.filter((row) => inodes.has(row[9] ?? ''))
  return new Set(mine.map((row) => Number.parseInt(row[1]?.split(':')[1] ?? '0', 16)))
}
