// `npm run bench -- cpu`: what one operation costs Ferric and its PostgreSQL in CPU time, which says what changed
// where others load the machine. Asserts nothing.
//   --home postgres|embedded   --count 300   how often each is done   --only show,patch
import { parseArgs } from 'node:util'
import postgres from 'postgres'
import { fakeConf } from '../../scripts/peers/conf.mjs'
import { Ferric, type Home } from '../_util/peers/ferric.js'
import { cpuSeconds } from './figures.js'
import { Load, rate } from './load.js'
import { deployAll, numbers, record } from './measure.js'

const { values } = parseArgs({
  args: process.argv.slice(3),
  options: {
    home: { type: 'string', default: 'postgres' },
    count: { type: 'string', default: '300' },
    only: { type: 'string', default: '' },
  },
})
const count = Number(values.count)
const beat = { callback_url: 'http://127.0.0.1:9999', agent_version: '9.0.0', agent_token: 'token' }

/** Processes of PostgreSQL that serve a database. */
async function backends(url: string | undefined): Promise<number[]> {
  if (url === undefined) return []
  const sql = postgres(url, { max: 1 })
  try {
    const rows = await sql<{ pid: number }[]>`select pid from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid()`
    return rows.map((row) => row.pid)
  } finally {
    await sql.end()
  }
}

/** Nodes that wait for their ramdisk, made past the API. */
async function seed(url: string | undefined): Promise<string[]> {
  if (url === undefined) return []
  const sql = postgres(url, { max: 1 })
  try {
    const rows = await sql<{ uuid: string }[]>`insert into nodes
        (uuid, driver, provision_state, provision_updated_at, power_state, driver_internal_info)
      select gen_random_uuid()::text, 'fake-hardware', 'wait call-back', now(), 'power off',
        '{"agent_secret_token": "token"}'::json
      from generate_series(1, 500) returning uuid`
    return rows.map((row) => row.uuid)
  } finally {
    await sql.end()
  }
}

type Operation = { name: string; times: number; work: (n: number) => Promise<unknown> }

function operations(load: Load, waiting: string[]): Operation[] {
  const uuids: string[] = []
  const of = (list: string[], n: number) => list[n % list.length] ?? ''
  let made = 0
  const create = async () => {
    uuids.push((await load.ask<{ uuid: string }>('POST', '/nodes', record(made++))).uuid)
  }
  const patch = (n: number) => [{ op: 'add', path: '/extra/seen', value: n }]
  return [
    { name: 'create', times: Math.max(count, 500), work: create },
    { name: 'show', times: 2 * count, work: (n) => load.timed('GET', `/nodes/${of(uuids, n)}`) },
    { name: 'list', times: count / 10, work: () => load.timed('GET', '/nodes?limit=500') },
    { name: 'detail', times: count / 10, work: () => load.timed('GET', '/nodes/detail?limit=500') },
    {
      name: 'patch',
      times: count,
      work: (n) => load.ask('PATCH', `/nodes/${of(uuids, n)}`, patch(n)),
    },
    {
      name: 'heartbeat',
      times: waiting.length === 0 ? 0 : 4 * count,
      work: (n) => load.ask('POST', `/heartbeat/${of(waiting, n)}`, beat),
    },
  ]
}

function report(
  name: string,
  times: number,
  before: readonly number[],
  after: readonly number[],
  perSecond: number,
) {
  const [mine = 0, theirs = 0] = after.map(
    (value, at) => (1000 * (value - (before[at] ?? 0))) / times,
  )
  process.stdout.write(
    `${name.padEnd(12)} ${String(times).padStart(5)}  ferric ${mine.toFixed(2)} ms  postgres ${theirs.toFixed(2)} ms  ${perSecond.toFixed(0)} a second\n`,
  )
}

await using ferric = await Ferric.prepare(
  values.home as Home,
  fakeConf({
    conductor: { max_concurrent_deploy: 1_000_000 },
    api: { restrict_lookup: 'false' },
    agent: { require_tls: 'false' },
  }),
)
await ferric.start()
await using load = new Load(ferric.url)
const waiting = await seed(ferric.databaseUrl)
const used = async () => [cpuSeconds(ferric.pids), cpuSeconds(await backends(ferric.databaseUrl))]
const wanted = (name: string) => values.only === '' || values.only.split(',').includes(name)
for (const { name, times, work } of operations(load, waiting)) {
  if (times === 0 || !(wanted(name) || name === 'create')) continue
  await rate(numbers(Math.min(times, 50)), work)
  const before = await used()
  const perSecond = await rate(numbers(times), work)
  report(name, times, before, await used(), perSecond)
}
if (wanted('deploy')) {
  await deployAll(load, Math.min(50, count), 'warm')
  const before = await used()
  const seconds = await deployAll(load, count, 'deploy')
  report('deploy', count, before, await used(), count / seconds)
}
