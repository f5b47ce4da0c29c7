// SIGKILL between every pair of the six steps of a deploy: each step has effect at least once, in order,
// none twice but the one that was cut short, and the node ends active.
import { expect, it } from 'vitest'
import { fakeConf } from '../../scripts/peers/conf.mjs'
import { deploySteps, effectsConf, EffectsLog } from '../_util/effects.js'
import { Ferric } from '../_util/peers/ferric.js'
import { pooled, Rest } from '../_util/peers/rest.js'
import { until } from '../_util/peers/until.js'

const places = deploySteps.flatMap((step) =>
  (['before', 'after'] as const).map((where) => ({ step, where })),
)

async function stateOf(rest: Rest, uuid: string): Promise<string> {
  const node = await rest.must<{ provision_state: string }>('GET', `/nodes/${uuid}`)
  return node.provision_state
}
const reaches = (rest: Rest, uuid: string, state: string) =>
  until(async () => ((await stateOf(rest, uuid)) === state ? true : undefined), {
    what: `${uuid} in ${state}`,
    timeoutMs: 60_000,
    everyMs: 30,
  })
const verb = (rest: Rest, uuid: string, target: string) =>
  rest.must('PUT', `/nodes/${uuid}/states/provision`, { target })

async function available(rest: Rest): Promise<string> {
  const create = { driver: 'fake-hardware', deploy_interface: 'effects', automated_clean: false }
  const { uuid } = await rest.must<{ uuid: string }>('POST', '/nodes', create)
  await verb(rest, uuid, 'manage')
  await reaches(rest, uuid, 'manageable')
  await verb(rest, uuid, 'provide')
  await reaches(rest, uuid, 'available')
  return uuid
}

it('a deploy survives SIGKILL before and after the effect of each of its steps', async () => {
  using log = new EffectsLog()
  await using ferric = await Ferric.prepare('postgres', fakeConf(effectsConf))
  await ferric.start()
  const rest = new Rest(ferric.url)
  const numbers = Array.from({ length: places.length + 1 }, (_, n) => n)
  const [sufferer = '', ...others] = await pooled(numbers, 4, () => available(rest))

  // One node each is cut off at one place, and one is cut off after every step.
  for (const step of deploySteps) log.holdAt(sufferer, step, 'after')
  await verb(rest, sufferer, 'active')
  for (const step of deploySteps) {
    const victims = [sufferer]
    for (const [n, place] of places.entries()) {
      const node = others[n] ?? ''
      if (place.step !== step) continue
      log.holdAt(node, step, place.where)
      await verb(rest, node, 'active')
      victims.push(node)
    }
    await until(
      async () => {
        const held = log.read().filter((e) => e.step === step && e.what.startsWith('held'))
        return victims.every((node) => held.some((e) => e.node === node)) ? true : undefined
      },
      { what: `every victim held at ${step}`, timeoutMs: 60_000, everyMs: 20 },
    )
    await ferric.end('SIGKILL')
    await ferric.start()
  }

  for (const node of [sufferer, ...others]) await reaches(rest, node, 'active')
  const effects = log.read().filter((e) => e.what === 'effect')
  const orderOf = (node: string) => effects.filter((e) => e.node === node).map((e) => e.step)
  expect(orderOf(sufferer)).toEqual(deploySteps.flatMap((step) => [step, step]))
  for (const [n, { step, where }] of places.entries()) {
    const twice = (name: string) => where === 'after' && name === step
    const wanted = deploySteps.flatMap((name) => (twice(name) ? [name, name] : [name]))
    expect(orderOf(others[n] ?? '')).toEqual(wanted)
  }
}, 300_000)

it('a deploy survives more kills than tries are made, since it comes further in between', async () => {
  using log = new EffectsLog()
  await using ferric = await Ferric.prepare('postgres', fakeConf(effectsConf))
  await ferric.start()
  const rest = new Rest(ferric.url)
  const node = await available(rest)
  const cuts = deploySteps.flatMap((step) =>
    (['before', 'after', 'after'] as const).map((where) => ({ step, where })),
  )
  const held = () => log.read().filter((e) => e.what.startsWith('held')).length
  for (const [n, { step, where }] of cuts.slice(0, 15).entries()) {
    log.holdAt(node, step, where)
    if (n === 0) await verb(rest, node, 'active')
    else await ferric.start()
    const what = `held at ${step}, ${n + 1} times in all`
    await until(async () => (held() > n ? true : undefined), {
      what,
      timeoutMs: 60_000,
      everyMs: 20,
    })
    await ferric.end('SIGKILL')
  }
  await ferric.start()
  await reaches(rest, node, 'active')
  const done = log.read().filter((e) => e.what === 'effect')
  expect([...new Set(done.map((e) => e.step))]).toEqual(deploySteps)
}, 300_000)
