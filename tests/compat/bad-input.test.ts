// Three hundred requests nobody should send (seeded): no 5xx, the process lives, nothing is written.
import { describe, expect, it } from 'vitest'
import { Rest } from '../_util/peers/rest.js'
import { startTarget, type TargetName } from '../_util/peers/target.js'
import { Dice } from './bad-input/dice.js'
import { invalidRequest, type Aim, type Wire } from './bad-input/requests.js'
import { send, type Outcome } from './bad-input/send.js'

const SEED = Number(process.env.FERRIC_SEED ?? 20_260_801)
const COUNT = 300
// One request must not hold up the others; a busy machine alone stays far below this.
const SLOW_MS = 5000
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

function isWrong({ wire, outcome }: Sent): boolean {
  if (outcome === 'closed') return (wire.body?.length ?? 0) < 1_000_000
  return outcome >= 500 || (wire.method !== 'GET' && outcome < 400)
}

type Sent = { wire: Wire; outcome: Outcome; ms: number }

async function sendAll(url: string, aim: Aim): Promise<Sent[]> {
  const dice = new Dice(SEED)
  const sent: Sent[] = []
  for (let n = 0; n < COUNT; n += 1) {
    const wire = invalidRequest(dice, aim)
    const began = performance.now()
    const outcome = await send(url, wire)
    sent.push({ wire, outcome, ms: Math.round(performance.now() - began) })
  }
  return sent
}

const told = ({ wire, outcome, ms }: Sent): string =>
  `${outcome} after ${ms} ms for ${wire.method} ${wire.path.slice(0, 80)}: ${wire.why.slice(0, 80)}`

describe.each(targets)('three hundred invalid requests (%s)', (name) => {
  it('are all refused, soon, and change nothing', { timeout: 240_000 }, async () => {
    await using target = await startTarget(name)
    const rest = new Rest(target.url)
    const aim = await aimAt(rest)
    const before = await everything(rest)
    const sent = await sendAll(target.url, aim)
    expect(sent.filter(isWrong).map(told)).toEqual([])
    expect(sent.filter(({ ms }) => ms > SLOW_MS).map(told)).toEqual([])
    expect(await everything(rest)).toEqual(before)
  })
})
