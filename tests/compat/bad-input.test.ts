// Three hundred requests nobody should send (seeded): no 5xx, the process lives, nothing is written.
import { describe, expect, it } from 'vitest'
import { Rest } from '../_util/peers/rest.js'
import { startTarget, type TargetName } from '../_util/peers/target.js'
import { Dice } from './bad-input/dice.js'
import { invalidRequest, type Aim } from './bad-input/requests.js'
import { send, type Outcome } from './bad-input/send.js'

const SEED = Number(process.env.FERRIC_SEED ?? 20_260_801)
const COUNT = 300
const LISTS = ['nodes/detail', 'ports/detail', 'portgroups/detail', 'chassis/detail', 'allocations']
const targets = (process.env.FERRIC_TARGETS?.split(',') ?? ['embedded']) as TargetName[]

async function aimAt(rest: Rest): Promise<Aim> {
  const make = async (path: string, body: unknown): Promise<string> =>
    (await rest.must<{ uuid: string }>('POST', path, body)).uuid
  const node = await make('/nodes', { driver: 'fake-hardware', name: 'target' })
  const port = await make('/ports', { node_uuid: node, address: '52:54:00:00:00:01' })
  return { node, port, chassis: await make('/chassis', {}) }
}

const everything = (rest: Rest) => Promise.all(LISTS.map((list) => rest.must('GET', `/${list}`)))

const wrong = (method: string, outcome: Outcome, bytes: number): boolean => {
  if (outcome === 'closed') return bytes < 1_000_000
  return outcome >= 500 || (method !== 'GET' && outcome < 400)
}

describe.each(targets)('three hundred invalid requests (%s)', (name) => {
  it('are all refused and change nothing', { timeout: 240_000 }, async () => {
    await using target = await startTarget(name)
    const rest = new Rest(target.url)
    const aim = await aimAt(rest)
    const before = await everything(rest)
    const dice = new Dice(SEED)
    const bad: string[] = []
    for (let n = 0; n < COUNT; n += 1) {
      const wire = invalidRequest(dice, aim)
      const outcome = await send(target.url, wire)
      if (wrong(wire.method, outcome, wire.body?.length ?? 0))
        bad.push(`${outcome} for #${n} ${wire.method} ${wire.path.slice(0, 80)}: ${wire.why}`)
    }
    expect(bad).toEqual([])
    expect(await everything(rest)).toEqual(before)
  })
})
