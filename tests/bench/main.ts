// `npm run bench`: the same load on a real Ironic and on Ferric, one after the other in one run, and a
// table of how many times better Ferric is. It asserts nothing.
//   --peer debian|newest   which real Ironic (21.4.4 from Debian unless said)
//   --records 1000         nodes to create, and items of a page
//   --deploys 200          nodes to take from enroll to active
//   --homes embedded,postgres
import { parseArgs } from 'node:util'
import { ratio, type Figure } from './figures.js'
import { measure, type Size } from './measure.js'
import { subjects, type Subject } from './subject.js'

const options = {
  peer: { type: 'string', default: 'debian' },
  records: { type: 'string', default: '1000' },
  deploys: { type: 'string', default: '200' },
  homes: { type: 'string', default: 'embedded,postgres' },
} as const

async function run(subject: Subject, size: Size): Promise<Figure[]> {
  process.stderr.write(`${subject.name} …\n`)
  await using running = await subject.start()
  return await measure(running, size)
}

const number = (value: number) => value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0)

function cells(theirs: Figure, row: Figure[]): string[] {
  const mine = row.slice(1).map((one) => `${number(one.value)} (${number(ratio(theirs, one))}x)`)
  return [theirs.name, theirs.unit, number(theirs.value), ...mine]
}

function print(names: string[], columns: Figure[][]): void {
  const rows = (columns[0] ?? []).map((theirs, at) =>
    cells(
      theirs,
      columns.flatMap((column) => column[at] ?? []),
    ),
  )
  const table = [['', 'unit', ...names], ...rows]
  const widths = (table[0] ?? []).map((_, at) =>
    Math.max(...table.map((row) => row[at]?.length ?? 0)),
  )
  for (const row of table)
    process.stdout.write(`${row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  ')}\n`)
}

const { values } = parseArgs({ options })
const chosen = subjects(values.peer, values.homes)
const size = { records: Number(values.records), deploys: Number(values.deploys) }
const columns: Figure[][] = []
for (const subject of chosen) columns.push(await run(subject, size))
print(
  chosen.map((subject) => subject.name),
  columns,
)
