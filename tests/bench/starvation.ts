// `npm run bench -- starvation`: does anybody starve? Heartbeats and the power sync of many nodes go on while
// others are deployed and one node is read again and again. Prints figures, asserts nothing.
//   --nodes 5000   nodes the power sync visits      --beats 1000   heartbeats a second
//   --deploys 200  nodes deployed meanwhile         --seconds 30
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import postgres from 'postgres'
import { fakeConf } from '../../scripts/peers/conf.mjs'
import { Cluster } from '../_util/peers/cluster.js'
import { pooled, Rest } from '../_util/peers/rest.js'
import { isBeatsThread, startBeats } from './beats.js'

const { values } = parseArgs({
  args: process.argv.slice(3),
  options: {
    nodes: { type: 'string', default: '5000' },
    beats: { type: 'string', default: '1000' },
    deploys: { type: 'string', default: '200' },
    seconds: { type: 'string', default: '30' },
  },
})
const size = {
  nodes: Number(values.nodes),
  beats: Number(values.beats),
  deploys: Number(values.deploys),
  seconds: Number(values.seconds),
}
const conf = fakeConf({
  conductor: { sync_power_state_interval: 5, max_concurrent_deploy: 1_000_000 },
  agent: { require_tls: 'false' },
})

/** A quarter of them wait for their ramdisk, whose heartbeats come. */
async function seed(url: string): Promise<string[]> {
  const sql = postgres(url, { max: 1 })
  try {
    await sql`insert into nodes (uuid, name, driver, provision_state, provision_updated_at, power_state,
        driver_internal_info)
      select gen_random_uuid()::text, 'sync-' || n, 'fake-hardware',
        case when n % 4 = 0 then 'wait call-back' else 'available' end, now(), 'power off',
        '{"agent_secret_token": "token"}'::json
      from generate_series(1, ${size.nodes}) n`
    const rows = await sql<{ uuid: string }[]>`select uuid from nodes
      where provision_state = 'wait call-back'`
    return rows.map((row) => row.uuid)
  } finally {
    await sql.end()
  }
}

const percentile = (sorted: readonly number[], part: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? NaN

/** Reads one node every 10 ms until told to stop. */
async function reading(rest: Rest, uuid: string, stop: AbortSignal): Promise<number[]> {
  const times: number[] = []
  while (!stop.aborted) {
    const began = performance.now()
    await rest.must('GET', `/nodes/${uuid}`)
    times.push(performance.now() - began)
    await sleep(10)
  }
  return times.toSorted((a, b) => a - b)
}

async function readFor(rest: Rest, uuid: string, seconds: number): Promise<number[]> {
  return await reading(rest, uuid, AbortSignal.timeout(seconds * 1000))
}

async function deploying(rest: Rest) {
  const refused: Record<string, number> = {}
  const uuids = await pooled(Array.from({ length: size.deploys }), 8, async () => {
    const body = { driver: 'fake-hardware', resource_class: 'deployed' }
    return (await rest.must<{ uuid: string }>('POST', '/nodes', body)).uuid
  })
  const began = performance.now()
  for (const [target, state] of [
    ['manage', 'manageable'],
    ['provide', 'available'],
    ['active', 'active'],
  ] as const) {
    await pooled(uuids, 8, async (uuid) => {
      const { status } = await rest.send('PUT', `/nodes/${uuid}/states/provision`, { target })
      if (status !== 202) refused[status] = (refused[status] ?? 0) + 1
    })
    const path = '/nodes?resource_class=deployed&fields=uuid,provision_state'
    for (;;) {
      const { nodes } = await rest.must<{ nodes: { provision_state: string }[] }>('GET', path)
      if (nodes.every((node) => node.provision_state === state)) break
      await sleep(250)
    }
  }
  return { seconds: (performance.now() - began) / 1000, refused }
}

async function main(): Promise<void> {
  await using cluster = await Cluster.start(conf, 1, 1)
  const url = cluster.urls[0] ?? ''
  const rest = new Rest(url)
  const uuids = await seed(cluster.database.url)
  const one = uuids[0] ?? ''
  await readFor(rest, one, 2)
  const idle = await readFor(rest, one, 5)
  const stop = new AbortController()
  const under = reading(rest, one, stop.signal)
  const agents = uuids.slice(1).map((uuid) => ({ uuid, token: 'token' }))
  const beats = startBeats({ url, agents, perSecond: size.beats, width: 64 })
  const [deploys] = await Promise.all([deploying(rest), sleep(size.seconds * 1000)])
  stop.abort()
  const busy = await under
  const { perSecond, count, p99 } = await beats.stop()
  console.table({
    'nodes in the power sync': size.nodes,
    'heartbeats a second': Math.round(perSecond),
    'heartbeat, p99 ms': Math.round(p99),
    'heartbeats by status': JSON.stringify(count),
    'deployed (enroll to active)': size.deploys,
    'seconds that took': deploys.seconds.toFixed(1),
    'verbs refused': JSON.stringify(deploys.refused),
    'GET one node, idle, p50 / p99 ms': `${percentile(idle, 0.5).toFixed(1)} / ${percentile(idle, 0.99).toFixed(1)}`,
    'GET one node, busy, p50 / p99 ms': `${percentile(busy, 0.5).toFixed(1)} / ${percentile(busy, 0.99).toFixed(1)}`,
    'p99 busy over idle': (percentile(busy, 0.99) / percentile(idle, 0.99)).toFixed(1),
  })
}

if (!(await isBeatsThread())) await main()
