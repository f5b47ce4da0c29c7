// `npm run bench -- heartbeats`: heartbeats a second that are answered for a while, on a real Ironic and on Ferric,
// one after the other. With fast track, so that those of enrolled nodes are recorded. Asserts nothing.
//   --seconds 15   --nodes 200   --width 32   --peer debian|newest|none   --homes embedded,postgres
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { isBeatsThread, startBeats } from './beats.js'
import { cpuSeconds } from './figures.js'
import { Load, rate } from './load.js'
import { agentsOf, numbers, record } from './measure.js'
import { subjects, type Subject } from './subject.js'

const { values } = parseArgs({
  args: process.argv.slice(3),
  options: {
    seconds: { type: 'string', default: '15' },
    nodes: { type: 'string', default: '200' },
    width: { type: 'string', default: '32' },
    peer: { type: 'string', default: 'debian' },
    homes: { type: 'string', default: 'embedded,postgres' },
  },
})

async function enroll(load: Load): Promise<string[]> {
  const uuids: string[] = []
  await rate(numbers(Number(values.nodes)), async (n) => {
    uuids.push((await load.ask<{ uuid: string }>('POST', '/nodes', record(n))).uuid)
  })
  return uuids
}

async function measure(subject: Subject): Promise<Record<string, string>> {
  process.stderr.write(`${subject.name} …\n`)
  await using running = await subject.start()
  await using load = new Load(running.url)
  const agents = await agentsOf(load, await enroll(load))
  const options = { url: running.url, agents, perSecond: Infinity, width: Number(values.width) }
  const warm = startBeats(options)
  await sleep(2000)
  await warm.stop()
  const before = cpuSeconds(running.pids)
  const beats = startBeats(options)
  await sleep(Number(values.seconds) * 1000)
  const { perSecond, count, p50, p99 } = await beats.stop()
  const cpu = cpuSeconds(running.pids) - before
  const total = Object.values(count).reduce((a, b) => a + b, 0)
  return {
    subject: subject.name,
    'a second': perSecond.toFixed(0),
    'p50 / p99 ms': `${p50.toFixed(1)} / ${p99.toFixed(1)}`,
    'CPU ms each': ((1000 * cpu) / total).toFixed(2),
    'by status': JSON.stringify(count),
  }
}

const fastTrack = { deploy: { fast_track: 'true' } }

async function main(): Promise<void> {
  const rows: Record<string, string>[] = []
  for (const subject of subjects(values.peer, values.homes, { conf: fastTrack }))
    rows.push(await measure(subject))
  console.table(rows)
}

if (!(await isBeatsThread())) await main()
