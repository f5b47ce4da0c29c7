// `npm run bench`: the same load on a real Ironic and on Ferric, one after the other in one run, and a
// table of how many times better Ferric is. It asserts nothing.
//   --peer debian|newest   which real Ironic (21.4.4 from Debian unless said)
//   --records 1000         nodes to create, and items of a page
//   --deploys 200          nodes to take from enroll to active
//   --homes embedded,postgres
import { parseArgs } from 'node:util'
import type { Figure } from './figures.js'
import { measure, type Size } from './measure.js'
import { subjects, type Subject } from './subject.js'
import { printTable } from './table.js'

const options = {
  peer: { type: 'string', default: 'debian' },
  records: { type: 'string', default: '1000' },
  deploys: { type: 'string', default: '200' },
  homes: { type: 'string', default: 'embedded,postgres' },
} as const

async function run(subject: Subject, size: Size): Promise<Figure[]> {
  process.stderr.write(`${subject.name} …\n`)
  await using running = await subject.start()
  const figures = await measure(running, size)
  // A run that is cut short has told what it knows.
  for (const { name, value, unit } of figures) {
    process.stderr.write(`  ${name}: ${value.toPrecision(4)} ${unit}\n`)
  }
  return figures
}

const { values } = parseArgs({ options })
const chosen = subjects(values.peer, values.homes)
const size = { records: Number(values.records), deploys: Number(values.deploys) }
const columns: Figure[][] = []
for (const subject of chosen) columns.push(await run(subject, size))
printTable(
  chosen.map((subject) => subject.name),
  columns,
)
