// SIGKILL of Ferric, of its embedded PostgreSQL, and of both, in turn and while clients write. What was acknowledged
// is there afterwards, no node stays reserved or halfway, and at the end no process is left over.
// FERRIC_KILL_ROUNDS says how many rounds.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { fakeConf } from '../../scripts/peers/conf.mjs'
import { lossesOf, Writers } from '../_util/ledger.js'
import { Ferric } from '../_util/peers/ferric.js'
import { Rest } from '../_util/peers/rest.js'
import { until } from '../_util/peers/until.js'
import { processesOf } from '../_util/processes.js'

const rounds = Number(process.env['FERRIC_KILL_ROUNDS'] ?? 6)
const victims = ['ferric', 'postgres', 'both'] as const
type Victim = (typeof victims)[number]

const statePath = (ferric: Ferric) => join(ferric.dir, 'state')

function killPostmaster(ferric: Ferric): void {
  const file = join(statePath(ferric), 'db', 'data', 'postmaster.pid')
  process.kill(Number(readFileSync(file, 'utf8').split('\n')[0]), 'SIGKILL')
}

async function kill(victim: Victim, ferric: Ferric): Promise<void> {
  if (victim !== 'ferric') killPostmaster(ferric)
  if (victim !== 'postgres') await ferric.end('SIGKILL')
}

/** Waits until a write is acknowledged again; returns the milliseconds since the kill. */
async function recovered(writers: Writers, since: number): Promise<number> {
  // PostgreSQL's processes complete their transactions when their parent is killed.
  await sleep(100)
  const before = writers.acknowledged
  const look = () => Promise.resolve(writers.acknowledged > before ? true : undefined)
  await until(look, { what: 'acknowledged write', timeoutMs: 60_000, everyMs: 20 })
  return performance.now() - since
}

async function round(victim: Victim, ferric: Ferric): Promise<string> {
  const rest = new Rest(ferric.url)
  const writers = new Writers(rest)
  await sleep(300 + Math.random() * 1_200)
  const since = performance.now()
  await kill(victim, ferric)
  if (victim !== 'postgres') await ferric.start()
  const ms = await recovered(writers, since)
  await writers.stop()
  expect(ferric.lives).toBe(true)
  expect(await lossesOf(writers.ledger, rest)).toEqual([])
  return `${victim}: ${writers.acknowledged} acknowledged, writes again after ${Math.round(ms)} ms`
}

it('loses nothing and leaves no process when parts are killed', { timeout: 900_000 }, async () => {
  let directory: string
  {
    await using ferric = await Ferric.prepare('embedded', fakeConf({}))
    directory = statePath(ferric)
    await ferric.start()
    for (let n = 0; n < rounds; n++) {
      const victim = victims[n % victims.length] ?? 'ferric'
      console.log(`${n + 1}: ${await round(victim, ferric)}`)
    }
  }
  expect(processesOf(directory)).toEqual([])
})

it(
  'takes its PostgreSQL along when it is killed and not started again',
  { timeout: 60_000 },
  async () => {
    await using ferric = await Ferric.prepare('embedded', fakeConf({}))
    await ferric.start()
    expect(processesOf(statePath(ferric))).not.toEqual([])
    await ferric.end('SIGKILL')
    const look = () =>
      Promise.resolve(processesOf(statePath(ferric)).length === 0 ? true : undefined)
    await until(look, { what: 'end of PostgreSQL', timeoutMs: 20_000, everyMs: 100 })
  },
)
