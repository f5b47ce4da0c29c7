// Malformed HTTP (seeded) for every listener: no process ends, no answer is a 500, none takes long.
import { describe, expect, it } from 'vitest'
import { freePort } from '../_util/peers/cluster.js'
import { startFerric, type Ferric } from '../_util/peers/ferric.js'
import { Dice } from './bad-input/dice.js'
import { rawRequest } from './fuzz/requests.js'
import { sendRaw, type Outcome } from './fuzz/send.js'

const SEED = Number(process.env.FERRIC_SEED ?? 20_261_201)
const COUNT = Number(process.env.FERRIC_FUZZ_COUNT ?? 60_000)
const PARALLEL = 48

interface Listeners {
  readonly api: number
  readonly ramdisk: number
  readonly boot: number
}

async function start(): Promise<{ ferric: Ferric; listeners: Listeners }> {
  const [ramdisk, boot, tftp] = [await freePort(), await freePort(), await freePort()]
  const ferric = await startFerric('embedded', {
    ferric: {
      ...{ boot: 'true', boot_http_port: String(boot), boot_tftp_port: String(tftp) },
      ramdisk_port: String(ramdisk),
    },
  })
  return { ferric, listeners: { api: Number(new URL(ferric.url).port), ramdisk, boot } }
}

/** Sends `count` requests to one listener, many at a time. @returns how often each outcome came */
async function fuzz(port: number, seed: number, count: number): Promise<Map<Outcome, number>> {
  const dice = new Dice(seed)
  const outcomes = new Map<Outcome, number>()
  let left = count
  const sender = async () => {
    while (left > 0) {
      left -= 1
      const outcome = await sendRaw(port, rawRequest(dice))
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
      if (outcome === 'refused') return
    }
  }
  await Promise.all(Array.from({ length: PARALLEL }, sender))
  return outcomes
}

const shown = (outcomes: Map<Outcome, number>): string =>
  [...outcomes]
    .map(([outcome, times]) => `${outcome}: ${times}`)
    .toSorted()
    .join(', ')

describe('malformed requests', () => {
  it('end no process and get no 500', { timeout: 540_000 }, async () => {
    const { ferric: started, listeners } = await start()
    await using ferric = started
    const pids = ferric.pids
    for (const [at, [name, port]] of Object.entries(listeners).entries()) {
      const outcomes = await fuzz(port, SEED + at, Math.ceil(COUNT / 3))
      process.stdout.write(`${name}: ${shown(outcomes)}\n`)
      const wrong = (['refused', 'silent', 500] as const).filter((one) => outcomes.has(one))
      if (wrong.length > 0 || !ferric.lives) process.stdout.write(ferric.logs())
      expect([wrong, ferric.lives]).toEqual([[], true])
    }
    expect(ferric.pids).toEqual(pids)
    const metrics = await (await fetch(`${ferric.url}/metrics`)).text()
    expect(metrics).not.toMatch(/^ferric_fatal_errors_total\{/m)
    expect(await ferric.end('SIGTERM')).toEqual([{ code: 0, signal: null }])
  })
})
