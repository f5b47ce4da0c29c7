// `npm run bench -- lists`: what a page of 1,000 nodes costs out of few and out of many, short and in full,
// from the start, from a marker near the end, sorted and filtered; and walking all nodes by markers.
// It asserts nothing.
//   --sizes 100,1000,10000,50000   nodes there are when a page is timed
//   --peer debian|newest|none      which real Ironic stands beside
//   --peer-sizes 1000,10000        and out of how many
//   --home embedded|postgres
import { parseArgs } from 'node:util'
import { median } from './figures.js'
import { Load, rate, samples } from './load.js'
import { ferric, realIronic, type Subject } from './subject.js'

const options = {
  sizes: { type: 'string', default: '100,1000,10000,50000' },
  peer: { type: 'string', default: 'debian' },
  'peer-sizes': { type: 'string', default: '1000,10000' },
  home: { type: 'string', default: 'embedded' },
} as const
const PAGE = 1000
const TURNS = 7

type Page = { nodes: { uuid: string }[]; next?: string }
/** Milliseconds, by what was asked. */
type Times = Map<string, number>

const numbersOf = (list: string) => list.split(',').filter(Boolean).map(Number)

/** One in ten is of the class that is asked for. */
const record = (n: number) => ({
  driver: 'fake-hardware',
  name: `list-${n}`,
  resource_class: `class-${n % 10}`,
  properties: { cpus: 8, memory_mb: 16384, local_gb: 200, cpu_arch: 'x86_64' },
  extra: { rack: n % 40, unit: n % 42 },
})

async function grow(load: Load, from: number, to: number): Promise<void> {
  const missing = Array.from({ length: to - from }, (_, n) => from + n)
  await rate(missing, (n) => load.ask('POST', '/nodes', record(n)))
}

/** Follows markers through all nodes. Returns how many there were and the milliseconds of a page. */
async function walk(load: Load): Promise<{ uuids: string[]; perPage: number }> {
  const uuids: string[] = []
  const began = performance.now()
  let pages = 0
  for (let marker = ''; ; pages += 1) {
    const { nodes } = await load.ask<Page>('GET', `/nodes?limit=${PAGE}${marker}`)
    uuids.push(...nodes.map(({ uuid }) => uuid))
    if (nodes.length < PAGE) break
    marker = `&marker=${nodes.at(-1)?.uuid}`
  }
  return { uuids, perPage: (performance.now() - began) / (pages + 1) }
}

async function timeAll(load: Load): Promise<Times> {
  const { uuids, perPage } = await walk(load)
  const late = uuids.at(-Math.min(PAGE, uuids.length) - 1) ?? uuids[0]
  const asked: [string, string][] = [
    ['short', '/nodes?limit=1000'],
    ['detail', '/nodes/detail?limit=1000'],
    ['short, late marker', `/nodes?limit=1000&marker=${late}`],
    ['short, by name, late marker', `/nodes?limit=1000&sort_key=name&marker=${late}`],
    ['short, by state', '/nodes?limit=1000&sort_key=provision_state'],
    ['short, one class in ten', '/nodes?limit=1000&resource_class=class-3'],
  ]
  const times: Times = new Map()
  for (const [name, path] of asked)
    times.set(name, median(await samples(2, TURNS, () => load.timed('GET', path))))
  return times.set('walk by markers, per page', perPage)
}

async function measure(subject: Subject, sizes: number[]): Promise<Map<number, Times>> {
  await using running = await subject.start()
  await using load = new Load(running.url)
  const found = new Map<number, Times>()
  let have = 0
  for (const size of sizes) {
    process.stderr.write(`${subject.name}: ${size} nodes …\n`)
    await grow(load, have, size)
    have = size
    found.set(size, await timeAll(load))
  }
  return found
}

function print(columns: [string, Times][]): void {
  const names = [...(columns[0]?.[1].keys() ?? [])]
  const rows = names.map((name) => [
    name,
    ...columns.map(([, times]) => (times.get(name) ?? NaN).toFixed(1)),
  ])
  const table = [['ms', ...columns.map(([title]) => title)], ...rows]
  for (const [first, ...cells] of table)
    process.stdout.write(`${first?.padEnd(30)}${cells.map((cell) => cell.padStart(24)).join('')}\n`)
}

const { values } = parseArgs({ options, allowPositionals: true })
const mine = await measure(
  ferric(values.home === 'postgres' ? 'postgres' : 'embedded'),
  numbersOf(values.sizes),
)
const peer = values.peer === 'newest' ? 'ironic-newest' : 'ironic-debian'
const theirs =
  values.peer === 'none'
    ? new Map<number, Times>()
    : await measure(realIronic(peer), numbersOf(values['peer-sizes']))
const titled = (name: string, found: Map<number, Times>): [string, Times][] =>
  [...found].map(([size, times]) => [`${name} ${size}`, times])
print([...titled('ferric', mine), ...titled(peer, theirs)])
for (const [size, times] of theirs) {
  const own = mine.get(size)
  if (own === undefined) continue
  const ratios = [...times].map(
    ([name, ms]) => `${name} ${(ms / (own.get(name) ?? NaN)).toFixed(1)}x`,
  )
  process.stdout.write(`Ferric is faster out of ${size}: ${ratios.join('; ')}\n`)
}
