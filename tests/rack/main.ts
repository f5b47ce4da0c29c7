// Runs scenarios of the rack, one after another, in the namespace scripts/rack.mjs made. Prints as it goes; with
// --report FILE it also writes what passed and what failed.
import { writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { Rack } from './rack.js'
import { elapsed, say } from './say.js'
import type { Scenario } from './scenario.js'
import { scenarios } from './scenarios/index.js'

const options = {
  dir: { type: 'string' },
  images: { type: 'string' },
  'redfish-python': { type: 'string' },
  report: { type: 'string' },
  ci: { type: 'boolean', default: false },
  lanes: { type: 'string' },
} as const

type Result = { name: string; seconds: number; error?: string }

function inTime(scenario: Scenario, rack: Rack): Promise<void> {
  const late = new Promise<never>((_, reject) => {
    const say = (): void => reject(new Error(`not done within ${scenario.minutes} minutes`))
    setTimeout(say, scenario.minutes * 60_000).unref()
  })
  return Promise.race([scenario.run(rack), late])
}

async function play(scenario: Scenario, rack: Rack): Promise<Result> {
  process.stdout.write(`\n== ${scenario.name}\n`)
  const began = elapsed()
  const result = (): Result => ({ name: scenario.name, seconds: Math.round(elapsed() - began) })
  try {
    await inTime(scenario, rack)
    say('rack', `${scenario.name}: done in ${result().seconds} s`)
    return result()
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    process.stdout.write(`${text}\n\nFerric's log ends:\n${rack.log()}\n`)
    return { ...result(), error: text }
  }
}

const chosen = (words: string[], ci: boolean): Scenario[] =>
  scenarios.filter((one) =>
    words.length > 0 ? words.some((word) => one.name.includes(word)) : one.ci || !ci,
  )

/** Plays scenarios in `lanes` at a time: an emulated machine keeps one processor busy. */
async function playAll(all: Scenario[], rack: Rack, lanes: number): Promise<Result[]> {
  const waiting = [...all]
  const results: Result[] = []
  const lane = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift())
      results.push(await play(next, rack))
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  return results
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({ options, allowPositionals: true })
  if (!values.dir || !values.images) throw new Error('needs --dir and --images')
  const { dir, images, 'redfish-python': python } = values
  const places = { dir, images, ...(python === undefined ? {} : { redfishPython: python }) }
  await using rack = await Rack.open(places)
  const lanes = Number(values.lanes ?? (values.ci ? Math.min(2, availableParallelism()) : 1))
  const results = await playAll(chosen(positionals, values.ci), rack, lanes)
  const failed = results.filter((one) => one.error !== undefined)
  const line = (one: Result): string =>
    `${one.error ? 'FAILED' : 'passed'}  ${one.seconds} s  ${one.name}`
  process.stdout.write(`\n${results.map(line).join('\n')}\n`)
  const sums = { passed: results.length - failed.length, failed: failed.length, skipped: 0 }
  if (values.report) writeFileSync(values.report, JSON.stringify(sums))
  if (failed.length > 0 || results.length === 0) process.exitCode = 1
}

await main()
process.exit()
