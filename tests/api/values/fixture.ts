/** The verdicts of a real Ironic, as they are kept: of each field the commonest one, and the others by name. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { oddValues } from '../../_util/matrix.js'
import type { Verdict, Verdicts } from './walk.js'

type Packed = Readonly<Record<string, Verdict | readonly string[]>>

const fixture = new URL('ironic-newest.json', import.meta.url)

/** Writes down the verdicts, by probe and short enough to read. */
export function record(found: ReadonlyMap<string, Verdicts>): void {
  const packed = [...found].map(([probe, verdicts]) => [probe, packOne(verdicts)])
  writeFileSync(fixture, `${JSON.stringify(Object.fromEntries(packed), null, 1)}\n`)
}

function packOne(verdicts: Verdicts): Packed {
  const byVerdict = new Map<Verdict, string[]>()
  for (const [what, verdict] of Object.entries(verdicts))
    byVerdict.set(verdict, [...(byVerdict.get(verdict) ?? []), what])
  const [most, ...others] = [...byVerdict].toSorted((a, b) => b[1].length - a[1].length)
  return { most: most?.[0] ?? '', ...Object.fromEntries(others) }
}

function unpackOne(packed: Packed): Verdicts {
  const most = String(packed['most'])
  const verdicts = Object.fromEntries(oddValues.map(([what]) => [what, most]))
  for (const [verdict, values] of Object.entries(packed))
    if (typeof values !== 'string') for (const what of values) verdicts[what] = verdict
  return verdicts
}

/** What was recorded, by probe. */
export function recorded(): ReadonlyMap<string, Verdicts> {
  const text = existsSync(fixture) ? readFileSync(fixture, 'utf8') : '{}'
  const packed = JSON.parse(text) as Record<string, Packed>
  return new Map(Object.entries(packed).map(([probe, one]) => [probe, unpackOne(one)]))
}
