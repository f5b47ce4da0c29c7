import { ratio, type Figure } from './figures.js'

const number = (value: number) => value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0)

function cells(theirs: Figure, row: readonly (Figure | undefined)[]): string[] {
  const mine = row.map((one) =>
    one === undefined ? '-' : `${number(one.value)} (${number(ratio(theirs, one))}x)`,
  )
  return [theirs.name, theirs.unit, number(theirs.value), ...mine]
}

/**
 * Prints figures in columns; each after the first also as how many times better it is than the first.
 * @param columns figures by name of what was measured, in any order; what the first lacks is left out
 */
export function printTable(names: readonly string[], columns: readonly Figure[][]): void {
  const [first = [], ...others] = columns
  const rows = first.map((theirs) =>
    cells(
      theirs,
      others.map((column) => column.find((one) => one.name === theirs.name)),
    ),
  )
  const table = [['', 'unit', ...names], ...rows]
  const widths = (table[0] ?? []).map((_, at) =>
    Math.max(...table.map((row) => row[at]?.length ?? 0)),
  )
  for (const row of table)
    process.stdout.write(`${row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  ')}\n`)
}
