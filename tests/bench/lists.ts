// `npm run bench -- lists`: what a page of 1,000 nodes costs out of few and out of many, short and in full,
// from the start, from a marker near the end, sorted and filtered; and walking all nodes by markers. The
// nodes are put into the database (see fill.ts), what is timed is the API over HTTP. It asserts nothing.
//   --sizes 100,1000,10000,50000   nodes there are when a page is timed
//   --peer debian|newest|none      which real Ironic stands beside
//   --peer-sizes 1000,10000        and out of how many
//   --homes embedded,postgres      of Ferric
import { parseArgs } from 'node:util'
import { median } from './figures.js'
import { filledFerric, filledIronic, type Filled } from './fill.js'
import { Load, samples } from './load.js'

const options = {
  sizes: { type: 'string', default: '100,1000,10000,50000' },
  peer: { type: 'string', default: 'debian' },
  'peer-sizes': { type: 'string', default: '1000,10000' },
  homes: { type: 'string', default: 'embedded,postgres' },
} as const
const PAGE = 1000
const TURNS = 7
const WARM_MS = 4000

type Page = { nodes: { uuid: string }[]; next?: string }
/** Milliseconds, by what was asked. */
type Times = Map<string, number>
type Column = { name: string; size: number; times: Times }

const numbersOf = (list: string) => list.split(',').filter(Boolean).map(Number)

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

/** A server that has just started compiles what it runs often. */
async function warmUp(load: Load, asked: readonly [string, string][]): Promise<void> {
  const until = performance.now() + WARM_MS
  while (performance.now() < until)
    for (const [, path] of asked) if (performance.now() < until) await load.timed('GET', path)
}

async function timeAll(load: Load): Promise<Times> {
  const { uuids, perPage } = await walk(load)
  const late = uuids.at(-Math.min(PAGE, uuids.length) - 1) ?? uuids[0]
  const asked: [string, string][] = [
    ['short', '/nodes?limit=1000'],
    ['detail', '/nodes/detail?limit=1000'],
    ['three fields', '/nodes?limit=1000&fields=uuid,name,provision_state'],
    ['short, late marker', `/nodes?limit=1000&marker=${late}`],
    ['detail, late marker', `/nodes/detail?limit=1000&marker=${late}`],
    ['by name', '/nodes?limit=1000&sort_key=name'],
    ['by name, late marker', `/nodes?limit=1000&sort_key=name&marker=${late}`],
    ['by state', '/nodes?limit=1000&sort_key=provision_state'],
    ['by state, late marker', `/nodes?limit=1000&sort_key=provision_state&marker=${late}`],
    ['by class, downwards', '/nodes?limit=1000&sort_key=resource_class&sort_dir=desc'],
    ['by time, downwards', '/nodes?limit=1000&sort_key=created_at&sort_dir=desc'],
    ['by time, downwards, detail', '/nodes/detail?limit=1000&sort_key=created_at&sort_dir=desc'],
    ['by power state', '/nodes?limit=1000&sort_key=power_state'],
    ['in one state of four', '/nodes?limit=1000&provision_state=active'],
    ['in one state, by name', '/nodes?limit=1000&provision_state=active&sort_key=name'],
    ['of one class in ten', '/nodes?limit=1000&resource_class=class-3'],
    ['of one class, detail', '/nodes/detail?limit=1000&resource_class=class-3'],
    ['not in maintenance', '/nodes?limit=1000&maintenance=false'],
    ['without an instance', '/nodes?limit=1000&associated=false'],
    ['with an instance (none)', '/nodes?limit=1000&associated=true'],
  ]
  await warmUp(load, asked)
  const times: Times = new Map()
  for (const [name, path] of asked)
    times.set(name, median(await samples(1, TURNS, () => load.timed('GET', path))))
  return times.set('walk by markers, per page', perPage)
}

async function measure(start: () => Promise<Filled>, sizes: number[]): Promise<Column[]> {
  await using subject = await start()
  const columns: Column[] = []
  // One is there already.
  let have = 1
  for (const size of sizes) {
    process.stderr.write(`${subject.name}: ${size} nodes …\n`)
    await subject.fill(have, size)
    have = size
    await using load = new Load(subject.url)
    columns.push({ name: subject.name, size, times: await timeAll(load) })
  }
  return columns
}

function print(columns: Column[]): void {
  const rows = [...(columns[0]?.times.keys() ?? [])].map((name) => [
    name,
    ...columns.map(({ times }) => (times.get(name) ?? NaN).toFixed(1)),
  ])
  const titles = columns.map(({ name, size }) => `${name.replace('ferric ', '')} ${size}`)
  for (const [first, ...cells] of [['ms', ...titles], ...rows])
    process.stdout.write(`${first?.padEnd(28)}${cells.map((cell) => cell.padStart(21)).join('')}\n`)
}

/** How many times longer a real Ironic takes. */
function printRatios(mine: Column[], theirs: Column[]): void {
  for (const { name: peer, size, times } of theirs)
    for (const own of mine.filter((column) => column.size === size)) {
      const ratios = [...times].map(
        ([name, ms]) => `${name} ${(ms / (own.times.get(name) ?? NaN)).toFixed(1)}x`,
      )
      const title = `${own.name} is faster than ${peer} out of ${size}`
      process.stdout.write(`${title}: ${ratios.join('; ')}\n`)
    }
}

const { values } = parseArgs({ options, allowPositionals: true })
const mine: Column[] = []
for (const home of ['embedded', 'postgres'] as const)
  if (values.homes.split(',').includes(home))
    mine.push(...(await measure(() => filledFerric(home), numbersOf(values.sizes))))
const peer = values.peer === 'newest' ? 'ironic-newest' : 'ironic-debian'
const theirs =
  values.peer === 'none'
    ? []
    : await measure(() => filledIronic(peer), numbersOf(values['peer-sizes']))
print([...mine, ...theirs])
printRatios(mine, theirs)
