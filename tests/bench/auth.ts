// `npm run bench -- auth`: what it costs to know who asks. The same requests on servers that differ in
// `auth_strategy` alone, taken in turns so that they share the weather; Keystone is a real one. Prints the
// requests a second and the processor time of one, which a busy machine does not change. Asserts nothing.
//   --homes embedded,postgres   Ferric's homes ('' for none)
//   --peers debian,newest       real Ironics with keystonemiddleware ('' for none)
//   --nodes 100  --requests 600 of one turn  --turns 7
import { parseArgs } from 'node:util'
import { Keystone } from '../compat/keystone/server.js'
import { oneOfEach, prepareIdentity, type Serving, type Strategy } from './auth-subjects.js'
import { cpuSeconds, median } from './figures.js'
import { Load, rate } from './load.js'

const { values } = parseArgs({
  args: process.argv.slice(3),
  options: {
    homes: { type: 'string', default: 'embedded,postgres' },
    peers: { type: 'string', default: 'debian,newest' },
    nodes: { type: 'string', default: '100' },
    requests: { type: 'string', default: '600' },
    turns: { type: 'string', default: '7' },
  },
})
const strategies: readonly Strategy[] = ['noauth', 'http_basic', 'keystone']
const numbers = (count: number) => Array.from({ length: count }, (_, n) => n)

interface Work {
  readonly name: string
  /** Of the requests of a turn. */
  readonly share: number
  one(load: Load, uuid: string): Promise<unknown>
}
const works: readonly Work[] = [
  { name: 'show one node', share: 1, one: (load, uuid) => load.ask('GET', `/nodes/${uuid}`) },
  { name: 'list of 20', share: 0.5, one: (load) => load.ask('GET', '/nodes?limit=20') },
  {
    name: 'patch',
    share: 0.3,
    one: (load, uuid) =>
      load.ask('PATCH', `/nodes/${uuid}`, [{ op: 'add', path: '/extra/seen', value: 1 }]),
  },
]

/** A server with the nodes it is asked about. */
interface Bench {
  readonly serving: Serving
  readonly load: Load
  readonly uuids: string[]
}
type OfEach<T> = Record<Strategy, T>
/** Requests a second, and milliseconds of processor time of one. */
interface Figures {
  readonly perSecond: number
  readonly cpu: number
}

async function seeded(serving: Serving, headers: Record<string, string>): Promise<Bench> {
  const load = new Load(serving.url, headers)
  const uuids: string[] = []
  for (const n of numbers(Number(values.nodes))) {
    const body = { driver: 'fake-hardware', name: `bench-${n}`, extra: { rack: n } }
    uuids.push((await load.ask<{ uuid: string }>('POST', '/nodes', body)).uuid)
  }
  return { serving, load, uuids }
}

async function turn({ load, uuids, serving }: Bench, work: Work): Promise<Figures> {
  const spent = () => 1000 * cpuSeconds(serving.pids)
  const requests = numbers(Math.round(Number(values.requests) * work.share))
  const before = spent()
  const perSecond = await rate(requests, (n) => work.one(load, uuids[n % uuids.length] ?? ''))
  return { perSecond, cpu: (spent() - before) / requests.length }
}

/** The median of all turns after one that does not count. */
async function measure(benches: OfEach<Bench>, work: Work): Promise<OfEach<Figures>> {
  const seen: OfEach<Figures[]> = { noauth: [], http_basic: [], keystone: [] }
  for (const count of numbers(Number(values.turns) + 1)) {
    for (const strategy of strategies) {
      const figures = await turn(benches[strategy], work)
      if (count > 0) seen[strategy].push(figures)
    }
  }
  const middle = (all: Figures[]): Figures => ({
    perSecond: median(all.map((one) => one.perSecond)),
    cpu: median(all.map((one) => one.cpu)),
  })
  return {
    noauth: middle(seen.noauth),
    http_basic: middle(seen.http_basic),
    keystone: middle(seen.keystone),
  }
}

type Rows = Record<string, OfEach<Figures>>

async function measureAll(name: string): Promise<Rows> {
  process.stderr.write(`${name} …\n`)
  await using subjects = await oneOfEach(name, people)
  const benches = {
    noauth: await seeded(subjects.of.noauth, {}),
    http_basic: await seeded(subjects.of.http_basic, people.basic),
    keystone: await seeded(subjects.of.keystone, people.token),
  }
  const rows: Rows = {}
  for (const work of works) rows[work.name] = await measure(benches, work)
  await Promise.all(Object.values(benches).map(({ load }) => load[Symbol.asyncDispose]()))
  return rows
}

const percent = (part: number, whole: number) => `${((100 * part) / whole).toFixed(0)} %`

function line(subject: string, work: string, row: OfEach<Figures>, theirs?: Figures) {
  const { noauth, http_basic: basic, keystone } = row
  const cell = ({ perSecond, cpu }: Figures) => `${Math.round(perSecond)} (${cpu.toFixed(2)})`
  return {
    subject,
    work,
    'noauth /s (cpu ms)': cell(noauth),
    http_basic: cell(basic),
    keystone: cell(keystone),
    'basic/noauth': percent(basic.perSecond, noauth.perSecond),
    'keystone/noauth': percent(keystone.perSecond, noauth.perSecond),
    'cpu basic, keystone': `${percent(basic.cpu, noauth.cpu)}, ${percent(keystone.cpu, noauth.cpu)}`,
    'x real keystone':
      theirs === undefined ? '' : (keystone.perSecond / theirs.perSecond).toFixed(2),
  }
}

/** Beside each row how many times as much a real Ironic with keystonemiddleware (the first) does. */
function print(results: Record<string, Rows>): void {
  const peer = Object.keys(results).find((name) => name.startsWith('ironic-'))
  const theirs = (work: string) =>
    peer === undefined ? undefined : results[peer]?.[work]?.keystone
  console.table(
    Object.entries(results).flatMap(([subject, rows]) =>
      Object.entries(rows).map(([work, row]) => line(subject, work, row, theirs(work))),
    ),
  )
}

const list = (text: string) => text.split(',').filter((one) => one !== '')
const names = [
  ...list(values.homes).map((home) => `ferric ${home}`),
  ...list(values.peers).map((peer) => `ironic-${peer}`),
]
await using keystone = await Keystone.prepare()
await keystone.start()
const people = await prepareIdentity(keystone.url)
const results: Record<string, Rows> = {}
for (const name of names) results[name] = await measureAll(name)
print(results)
