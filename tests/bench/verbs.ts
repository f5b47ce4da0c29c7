// `npm run bench -- verbs`: takes nodes from enroll to active on a real Ironic and on Ferric, one after the other:
// nodes a second, and the median time from a verb's request until its state is seen. Asserts nothing.
//   --counts 50,200      how many nodes at a time (a real Ironic needs about 0.25 s for each)
//   --peer debian|newest|none    --homes embedded,postgres
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { median } from './figures.js'
import { Load, rate } from './load.js'
import { numbers, record } from './measure.js'
import { subjects, type Subject } from './subject.js'

const { values } = parseArgs({
  args: process.argv.slice(3),
  options: {
    counts: { type: 'string', default: '50,200' },
    peer: { type: 'string', default: 'debian' },
    homes: { type: 'string', default: 'embedded,postgres' },
  },
})

const verbs = [
  ['manage', 'manageable'],
  ['provide', 'available'],
  ['active', 'active'],
] as const
type Row = Record<string, string>
type Listed = { nodes: { uuid: string; provision_state: string; last_error: string | null }[] }

/** Sends a verb to every node and watches for its state; the milliseconds each node took. */
async function walk(load: Load, group: string, uuids: string[], target: string, state: string) {
  const sent = new Map<string, number>()
  const took = new Map<string, number>()
  const sending = rate(uuids, async (uuid) => {
    sent.set(uuid, performance.now())
    await load.ask('PUT', `/nodes/${uuid}/states/provision`, { target })
  })
  const path = `/nodes?resource_class=${group}&fields=uuid,provision_state,last_error`
  while (took.size < uuids.length) {
    const { nodes } = await load.ask<Listed>('GET', path)
    for (const node of nodes) {
      const since = sent.get(node.uuid)
      if (node.provision_state.endsWith('failed')) throw new Error(node.last_error ?? node.uuid)
      if (node.provision_state !== state || since === undefined || took.has(node.uuid)) continue
      took.set(node.uuid, performance.now() - since)
    }
    await sleep(50)
  }
  await sending
  return [...took.values()]
}

async function run(load: Load, name: string, count: number): Promise<Row> {
  const group = `verbs-${count}`
  const uuids: string[] = []
  const began = performance.now()
  await rate(numbers(count), async (n) => {
    const body = { ...record(n), name: `${group}-${n}`, resource_class: group }
    uuids.push((await load.ask<{ uuid: string }>('POST', '/nodes', body)).uuid)
  })
  const row: Row = { subject: name, nodes: String(count) }
  for (const [target, state] of verbs) {
    row[`${target}, median ms`] = median(await walk(load, group, uuids, target, state)).toFixed(0)
  }
  const seconds = (performance.now() - began) / 1000
  return { ...row, seconds: seconds.toFixed(1), 'nodes a second': (count / seconds).toFixed(1) }
}

async function measure(subject: Subject): Promise<Row[]> {
  await using running = await subject.start()
  await using load = new Load(running.url)
  const rows: Row[] = []
  for (const count of values.counts.split(',').map(Number)) {
    process.stderr.write(`${subject.name}, ${count} nodes …\n`)
    rows.push(await run(load, subject.name, count))
  }
  return rows
}

const rows: Row[] = []
for (const subject of subjects(values.peer, values.homes)) rows.push(...(await measure(subject)))
console.table(rows)
