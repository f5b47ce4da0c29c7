// The embedded home loses power: copies of its disk are taken while clients write, from the first moment of the first
// start. Every copy must mount and start, and hold all that was acknowledged before it was taken.
// FERRIC_POWER_CUTS says how many.
import {
  mkdirSync,
  openSync,
  closeSync,
  existsSync,
  fsyncSync,
  readFileSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { fakeConf } from '../../scripts/peers/conf.mjs'
import { Disk } from '../_util/disk.js'
import { lossesOf, Writers, type Ledger } from '../_util/ledger.js'
import { Ferric } from '../_util/peers/ferric.js'
import { Rest } from '../_util/peers/rest.js'

const cuts = Number(process.env['FERRIC_POWER_CUTS'] ?? 5)
/** Half of the cuts fall into the first seconds, in which the database is created. */
const earlyMs = 10_000
const lateMs = 10_000 + 2_000 * cuts
const diskMegabytes = 1024
const conf = fakeConf({})

interface Cut {
  readonly ms: number
  readonly image: string
  readonly ledger: Ledger
}

const between = (from: number, to: number) => from + Math.random() * (to - from)
const moments = Array.from({ length: cuts }, (_, n) =>
  n < cuts / 2 ? between(0, earlyMs) : between(earlyMs, lateMs),
).toSorted((a, b) => a - b)

/** The same place on every disk. */
function home(mount: string): string {
  const dir = join(mount, 'ferric')
  mkdirSync(dir, { recursive: true, mode: 0o755 })
  return dir
}

async function cutsUnderLoad(disk: Disk): Promise<Cut[]> {
  await using ferric = await Ferric.prepare('embedded', conf, {}, home(disk.path))
  const writers = new Writers(new Rest(ferric.url))
  const began = performance.now()
  const started = ferric.start()
  const taken: Cut[] = []
  for (const ms of moments) {
    await sleep(ms - (performance.now() - began))
    const { ledger } = writers
    taken.push({ ms: performance.now() - began, image: await disk.cut(), ledger })
  }
  await started
  await writers.stop()
  expect(writers.acknowledged).toBeGreaterThan(100)
  return taken
}

async function lossesAfter(disk: Disk, { image, ledger }: Cut): Promise<string[]> {
  await using mounted = await disk.powerUp(image)
  await using ferric = await Ferric.prepare('embedded', conf, {}, home(mounted.path))
  await ferric.start()
  return await lossesOf(ledger, new Rest(ferric.url))
}

it('cuts the power of what no program has flushed', { timeout: 60_000 }, async () => {
  await using disk = await Disk.create(128)
  const write = (name: string, sync: boolean) => {
    const file = openSync(join(disk.path, name), 'w')
    writeFileSync(file, name)
    if (sync) fsyncSync(file)
    closeSync(file)
  }
  write('flushed', true)
  write('in-memory', false)
  await using mounted = await disk.powerUp(await disk.cut())
  expect(readFileSync(join(mounted.path, 'flushed'), 'utf8')).toBe('flushed')
  expect(existsSync(join(mounted.path, 'in-memory'))).toBe(false)
})

it(
  'starts after every power cut and has kept what it acknowledged',
  { timeout: 900_000 },
  async () => {
    await using disk = await Disk.create(diskMegabytes)
    const taken = await cutsUnderLoad(disk)
    expect(taken).toHaveLength(cuts)
    for (const cut of taken) {
      const losses = await lossesAfter(disk, cut)
      expect(losses, `cut after ${Math.round(cut.ms)} ms`).toEqual([])
      const entries = [...cut.ledger.values()]
      const count = (of: (entry: (typeof entries)[number]) => boolean) => entries.filter(of).length
      console.log(
        `cut after ${(cut.ms / 1000).toFixed(1)} s: ${entries.length} nodes, ` +
          `${count(({ mark }) => mark > 0)} marked, ${count(({ manage }) => manage)} verbs: nothing lost`,
      )
    }
  },
)
