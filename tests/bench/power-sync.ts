// `npm run bench -- power-sync`: what the power sync of many fake nodes costs a real Ironic and Ferric, one after the
// other: CPU time of a round, and on Ferric how long it takes. Asserts nothing.
//   --counts 1000,10000   nodes; a real Ironic gets the first only, since it takes minutes to make more
//   --rounds 3   --interval 10 (seconds)   --peer debian|newest|none   --homes embedded,postgres
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { cpuSeconds } from './figures.js'
import { Load, rate } from './load.js'
import { numbers, record } from './measure.js'
import { told } from './rounds.js'
import { subjects, type Running, type Subject } from './subject.js'

const { values } = parseArgs({
  args: process.argv.slice(3),
  options: {
    counts: { type: 'string', default: '1000,10000' },
    rounds: { type: 'string', default: '3' },
    interval: { type: 'string', default: '10' },
    peer: { type: 'string', default: 'debian' },
    homes: { type: 'string', default: 'embedded,postgres' },
  },
})
const interval = Number(values.interval)
const rounds = Number(values.rounds)

/** Nodes the sync looks at: those in enroll are none of its business. */
async function manageable(load: Load, from: number, to: number): Promise<void> {
  const uuids: string[] = []
  await rate(numbers(to - from), async (n) => {
    const body = { ...record(from + n), resource_class: 'synced' }
    uuids.push((await load.ask<{ uuid: string }>('POST', '/nodes', body)).uuid)
  })
  await rate(uuids, (uuid) =>
    load.ask('PUT', `/nodes/${uuid}/states/provision`, { target: 'manage' }),
  )
  const left = '/nodes?provision_state=verifying&fields=uuid&limit=1'
  while ((await load.ask<{ nodes: unknown[] }>('GET', left)).nodes.length > 0) await sleep(250)
}

async function cpuOf({ pids }: Running, seconds: number): Promise<number> {
  const before = cpuSeconds(pids)
  await sleep(seconds * 1000)
  return (cpuSeconds(pids) - before) / seconds
}

async function measure(subject: Subject, counts: readonly number[]) {
  await using running = await subject.start()
  await using load = new Load(running.url)
  const idle = await cpuOf(running, interval)
  const rows: Record<string, string>[] = []
  for (const [at, count] of counts.entries()) {
    process.stderr.write(`${subject.name}, ${count} nodes …\n`)
    await manageable(load, counts[at - 1] ?? 0, count)
    const before = await told(running.url)
    const busy = await cpuOf(running, interval * rounds)
    const after = await told(running.url)
    const ended = (after?.count ?? 0) - (before?.count ?? 0)
    const took = ended === 0 ? null : ((after?.sum ?? 0) - (before?.sum ?? 0)) / ended
    rows.push({
      subject: subject.name,
      nodes: String(count),
      'CPU seconds a round': ((busy - idle) * interval).toFixed(2),
      'seconds a round': took?.toFixed(2) ?? 'not told',
    })
  }
  return rows
}

const conf = { conductor: { automated_clean: 'true', sync_power_state_interval: interval } }
const rows: Record<string, string>[] = []
const counts = values.counts.split(',').map(Number)
for (const subject of subjects(values.peer, values.homes, { conf })) {
  const isFerric = subject.name.startsWith('ferric')
  rows.push(...(await measure(subject, isFerric ? counts : counts.slice(0, 1))))
}
console.table(rows)
