// `npm run bench -- memory`: deploys and tears down the same nodes again and again and tells as it goes what of the
// server grows: resident memory, V8's heap, what lies outside of it, the database. At the end, by how much a
// thousand cycles made each grow in the second half: it must not.
//   --cycles 20000   --nodes 50   --home embedded|postgres|redis
//   --timeline       keeps the timelines as well: rows that are meant to be kept until they are purged
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import postgres from 'postgres'
import { fakeConf } from '../../scripts/peers/conf.mjs'
import { Ferric, type Home } from '../_util/peers/ferric.js'
import { residentMiB } from './figures.js'
import { Load, rate } from './load.js'

const { values } = parseArgs({
  args: process.argv.slice(3),
  options: {
    cycles: { type: 'string', default: '20000' },
    nodes: { type: 'string', default: '50' },
    home: { type: 'string', default: 'postgres' },
    timeline: { type: 'boolean', default: false },
  },
})
const width = Number(values.nodes)
const rounds = Math.ceil(Number(values.cycles) / width)
const points = 20

/** History is kept short, so that what the database holds at the end is as much as at the beginning. */
const conf = fakeConf({
  conductor: {
    automated_clean: 'true',
    node_history_max_entries: 20,
    node_history_cleanup_interval: 20,
    node_history_cleanup_batch_count: 100_000,
  },
  ferric: { timeline: values.timeline ? 'true' : 'false' },
})

/** What is looked at, in MiB. */
type Sample = Record<'resident' | 'heap' | 'outside' | 'database', number>

async function all(load: Load, uuids: string[], target: string, state: string): Promise<void> {
  await rate(uuids, (uuid) => load.ask('PUT', `/nodes/${uuid}/states/provision`, { target }))
  for (;;) {
    const path = '/nodes?fields=uuid,provision_state'
    const { nodes } = await load.ask<{ nodes: { provision_state: string }[] }>('GET', path)
    if (nodes.every((node) => node.provision_state === state)) return
    await sleep(20)
  }
}

async function databaseMiB(ferric: Ferric): Promise<number> {
  if (ferric.databaseUrl === undefined) {
    const told = execFileSync('du', ['-sk', join(ferric.dir, 'state')], { encoding: 'utf8' })
    return Number.parseInt(told, 10) / 1024
  }
  const sql = postgres(ferric.databaseUrl, { max: 1 })
  const [row] = await sql<{ size: string }[]>`select pg_database_size(current_database()) as size`
  await sql.end()
  return Number(row?.size) / 2 ** 20
}

async function sampleOf(ferric: Ferric): Promise<Sample> {
  const text = await (await fetch(`${ferric.url}/metrics`)).text()
  const told = (name: string) =>
    Number(new RegExp(`^ferric_nodejs_${name}_bytes (.*)$`, 'm').exec(text)?.[1]) / 2 ** 20
  return {
    resident: residentMiB(ferric.pids),
    heap: told('heap_size_used'),
    outside: told('external_memory'),
    database: await databaseMiB(ferric),
  }
}

/** MiB a thousand cycles, by least squares. */
function slope(taken: readonly [cycles: number, mib: number][]): number {
  const mean = (at: 0 | 1) => taken.reduce((sum, one) => sum + one[at], 0) / taken.length
  const [x, y] = [mean(0), mean(1)]
  const along = taken.reduce((sum, one) => sum + (one[0] - x) * (one[1] - y), 0)
  return (1000 * along) / taken.reduce((sum, one) => sum + (one[0] - x) ** 2, 0)
}

function printSlopes(samples: readonly [number, Sample][]): void {
  const second = samples.slice(Math.floor(samples.length / 2))
  const names = ['resident', 'heap', 'outside', 'database'] as const
  const grown = names.map((name) => {
    const value = slope(second.map(([cycles, sample]) => [cycles, sample[name]]))
    return `${name} ${value.toFixed(3)}`
  })
  process.stdout.write(`MiB a 1,000 cycles in the second half: ${grown.join(', ')}\n`)
}

await using ferric = await Ferric.prepare(values.home as Home, conf)
await ferric.start()
await using load = new Load(ferric.url)
const uuids: string[] = []
await rate(Array.from({ length: width }), async () => {
  uuids.push((await load.ask<{ uuid: string }>('POST', '/nodes', { driver: 'fake-hardware' })).uuid)
})
await all(load, uuids, 'manage', 'manageable')
await all(load, uuids, 'provide', 'available')
const began = performance.now()
const samples: [number, Sample][] = []
for (let round = 0; round <= rounds; round++) {
  if (round % Math.max(1, Math.floor(rounds / points)) === 0) {
    const sample = await sampleOf(ferric)
    samples.push([round * width, sample])
    const seconds = (performance.now() - began) / 1000
    const told = Object.entries(sample).map(([name, mib]) => `${name} ${mib.toFixed(0)}`)
    const each = round === 0 ? '-' : ((round * width) / seconds).toFixed(0)
    process.stdout.write(`${round * width} cycles  ${told.join('  ')} MiB  ${each} a second\n`)
  }
  await all(load, uuids, 'active', 'active')
  await all(load, uuids, 'deleted', 'available')
}
printSlopes(samples)
